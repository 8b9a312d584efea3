using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>
/// Functions of oneDNN's C interface, version 2, as dnnl.h declares them, and the numbers of its enumerations. Memory descriptors are
/// passed by address; this program never reads them.
/// </summary>
internal static unsafe partial class OneDnnFunction
{
    /// <summary>Bytes that are enough for a memory descriptor.</summary>
    public const int DescriptorBytes = 1024;

    /// <summary>Bytes that are enough for the larger descriptor of a recurrent operation.</summary>
    public const int OperationBytes = 32 * DescriptorBytes;

    public const int Cpu = 1;
    public const int InOrder = 1;
    public const int Float32 = 3;
    public const int FormatAny = 1;
    public const int FormatTnc = 4;
    public const int FormatLdgo = 5;
    public const int FormatLdgoi = 16;
    public const int ForwardTraining = 64;
    public const int Backward = 128;
    public const int Tanh = 0x2f;
    public const int LeftToRight = 0;
    public const int QueryArgument = 255;
    public const int SourceLayer = 1;
    public const int SourceIteration = 2;
    public const int SourceIterationC = 3;
    public const int DestinationLayer = 17;
    public const int DestinationIteration = 18;
    public const int DestinationIterationC = 19;
    public const int WeightsLayer = 33;
    public const int WeightsIteration = 34;
    public const int Bias = 41;
    public const int Workspace = 64;
    public const int ReorderFrom = SourceLayer;
    public const int ReorderTo = DestinationLayer;

    /// <summary>Distance of the number of an argument's gradient from the argument's own.</summary>
    public const int Gradient = 128;

    private const string Library = "libdnnl.so.2";

    /// <summary>True if the library is installed.</summary>
    public static bool IsInstalled { get; } = OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, out _);

    [LibraryImport(Library, EntryPoint = "dnnl_version")]
    public static partial int* Version();

    [LibraryImport(Library, EntryPoint = "dnnl_engine_create")]
    public static partial int CreateEngine(out nint engine, int kind, nuint index);

    [LibraryImport(Library, EntryPoint = "dnnl_engine_destroy")]
    public static partial int DestroyEngine(nint engine);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_create")]
    public static partial int CreateStream(out nint stream, nint engine, uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_wait")]
    public static partial int Wait(nint stream);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_destroy")]
    public static partial int DestroyStream(nint stream);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_init_by_tag")]
    public static partial int DescribeMemory(void* descriptor, int rank, long* sizes, int type, int format);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_get_size")]
    public static partial nuint Bytes(void* descriptor);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_create")]
    public static partial int CreateMemory(out nint memory, void* descriptor, nint engine, nint handle);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_get_data_handle")]
    public static partial int Data(nint memory, out void* data);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_destroy")]
    public static partial int DestroyMemory(nint memory);

    [LibraryImport(Library, EntryPoint = "dnnl_lstm_forward_desc_init")]
    public static partial int DescribeLstm(
        void* operation, int kind, int direction, void* x, void* h0, void* c0, void* w, void* u, void* b, void* y, void* h, void* c,
        uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_lstm_backward_desc_init")]
    public static partial int DescribeLstmBackward(
        void* operation, int kind, int direction, void* x, void* h0, void* c0, void* w, void* u, void* b, void* y, void* h, void* c,
        void* dx, void* dh0, void* dc0, void* dw, void* du, void* db, void* dy, void* dh, void* dc, uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_lbr_gru_forward_desc_init")]
    public static partial int DescribeGru(
        void* operation, int kind, int direction, void* x, void* h0, void* w, void* u, void* b, void* y, void* h, uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_lbr_gru_backward_desc_init")]
    public static partial int DescribeGruBackward(
        void* operation, int kind, int direction, void* x, void* h0, void* w, void* u, void* b, void* y, void* h,
        void* dx, void* dh0, void* dw, void* du, void* db, void* dy, void* dh, uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_vanilla_rnn_forward_desc_init")]
    public static partial int DescribeElman(
        void* operation, int kind, int activation, int direction, void* x, void* h0, void* w, void* u, void* b, void* y, void* h,
        uint flags, float alpha, float beta);

    [LibraryImport(Library, EntryPoint = "dnnl_vanilla_rnn_backward_desc_init")]
    public static partial int DescribeElmanBackward(
        void* operation, int kind, int activation, int direction, void* x, void* h0, void* w, void* u, void* b, void* y, void* h,
        void* dx, void* dh0, void* dw, void* du, void* db, void* dy, void* dh, uint flags, float alpha, float beta);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_create")]
    public static partial int DescribePrimitive(out nint descriptor, void* operation, nint attributes, nint engine, nint forward);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_query_md")]
    public static partial void* Query(nint descriptor, int what, int index);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_destroy")]
    public static partial int DestroyDescriptor(nint descriptor);

    [LibraryImport(Library, EntryPoint = "dnnl_reorder_primitive_desc_create")]
    public static partial int DescribeReorder(
        out nint descriptor, void* from, nint fromEngine, void* to, nint toEngine, nint attributes);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_create")]
    public static partial int CreatePrimitive(out nint primitive, nint descriptor);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_execute")]
    public static partial int Execute(nint primitive, nint stream, int count, OneDnnArgument* arguments);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_destroy")]
    public static partial int DestroyPrimitive(nint primitive);

    // The library asks OpenMP for its threads, and OpenMP has read its variables already.
    [LibraryImport("libgomp.so.1", EntryPoint = "omp_set_num_threads")]
    public static partial void SetThreads(int threads);
}
