namespace SpanRnn.Perf;

/// <summary>
/// Positions of functions in struct OrtApi of ONNX Runtime's onnxruntime_c_api.h. The struct grows only at its end, so a position is the
/// same in every version.
/// </summary>
internal static class OnnxFunction
{
    public const int GetErrorMessage = 2;
    public const int CreateEnv = 3;
    public const int CreateSessionFromArray = 8;
    public const int Run = 9;
    public const int CreateSessionOptions = 10;
    public const int SetSessionExecutionMode = 13;
    public const int DisableCpuMemArena = 19;
    public const int SetSessionGraphOptimizationLevel = 23;
    public const int SetIntraOpNumThreads = 24;
    public const int SetInterOpNumThreads = 25;
    public const int CreateRunOptions = 39;
    public const int CreateTensorWithDataAsOrtValue = 49;
    public const int CreateCpuMemoryInfo = 69;
    public const int ReleaseStatus = 93;
    public const int ReleaseSession = 95;
    public const int ReleaseValue = 96;
    public const int ReleaseSessionOptions = 100;
    public const int RunWithBinding = 133;
    public const int CreateIoBinding = 134;
    public const int ReleaseIoBinding = 135;
    public const int BindInput = 136;
    public const int BindOutput = 137;
}
