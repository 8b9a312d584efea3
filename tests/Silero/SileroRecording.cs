namespace SpanRnn.Tests;

/// <summary>
/// Input of the recurrent layer of the speech detector of the reference cases, 128 numbers for every 32 ms of a minute of speech, computed
/// from the sound in plain double arithmetic; and the results of its authors' program behind the layer.
/// </summary>
internal sealed class SileroRecording
{
    public const int Size = 128;
    private const int Chunk = 512;
    private const int Context = 64;
    private const int Window = 256;

    private readonly SafetensorsFile _weights;

    private SileroRecording(string folder)
    {
        _weights = SafetensorsFile.Load(Path.Combine(folder, "models", "silero_v6_16k_extracted.safetensors"));
        string expected = Path.Combine(folder, "silero_v6_test16k");
        Probabilities = NpyArray.Load(Path.Combine(expected, "expected.npy")).ToDoubles("chunk");
        States = NpyArray.Load(Path.Combine(expected, "expected_states_first100.npy")).ToDoubles("chunk", "h and c", "unit");
        X = Inputs(Sound(Path.Combine(folder, "audio", "test_16k.wav")));
        Parameters = new float[Spec.Parameters.Length];
        Fill("lstm_cell.weight_ih", ParameterRole.InputWeights);
        Fill("lstm_cell.weight_hh", ParameterRole.RecurrentWeights);
        Fill("lstm_cell.bias_ih", ParameterRole.InputBias);
        Fill("lstm_cell.bias_hh", ParameterRole.RecurrentBias);
    }

    public static Lazy<SileroRecording> OfCases { get; } = new(() => new(Path.Combine(Cases.Folder!, "silero")));

    public NetworkSpec Spec { get; } = new(Size, new RecurrentLayer(CellKind.Lstm, Size));

    public float[] Parameters { get; }

    /// <summary>[chunk, 128]</summary>
    public float[] X { get; }

    public int Chunks => X.Length / Size;

    /// <summary>Expected probability of speech in each chunk.</summary>
    public double[] Probabilities { get; }

    /// <summary>[100, 2, 128], expected h and c after the first chunks.</summary>
    public double[] States { get; }

    /// <summary>Probability of speech for an h.</summary>
    public double Probability(ReadOnlySpan<float> h)
    {
        double[] weights = Tensor("final_conv.weight");
        double sum = Tensor("final_conv.bias")[0];
        for (int i = 0; i < h.Length; i++)
        {
            sum += weights[i] * Math.Max(0, h[i]);
        }

        return 1 / (1 + Math.Exp(-sum));
    }

    // 16 bits, one channel, behind a header of 44 bytes.
    private static double[] Sound(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal("data"u8, file.AsSpan(36, 4));
        double[] sound = new double[(file.Length - 44) / 2];
        for (int i = 0; i < sound.Length; i++)
        {
            sound[i] = BitConverter.ToInt16(file, 44 + (2 * i)) / 32768.0;
        }

        return sound;
    }

    private float[] Inputs(double[] sound)
    {
        double[] window = Tensor("stft_conv.weight");
        var convolutions = new (double[] Weights, double[] Bias, int Stride)[]
        {
            (Tensor("conv1.weight"), Tensor("conv1.bias"), 1),
            (Tensor("conv2.weight"), Tensor("conv2.bias"), 2),
            (Tensor("conv3.weight"), Tensor("conv3.bias"), 2),
            (Tensor("conv4.weight"), Tensor("conv4.bias"), 1),
        };
        List<float> inputs = [];
        double[] padded = new double[Context + Chunk + Context];
        for (int start = 0; start < sound.Length; start += Chunk)
        {
            // The end of the chunk before, the chunk, and its end mirrored.
            padded.AsSpan(Chunk, Context).CopyTo(padded);
            padded.AsSpan(Context).Clear();
            sound.AsSpan(start, Math.Min(Chunk, sound.Length - start)).CopyTo(padded.AsSpan(Context));
            for (int i = 0; i < Context; i++)
            {
                padded[Context + Chunk + i] = padded[Context + Chunk - 2 - i];
            }

            double[,] values = Magnitudes(window, padded);
            foreach ((double[] weights, double[] bias, int stride) in convolutions)
            {
                values = Convolve(weights, bias, stride, values);
            }

            for (int i = 0; i < Size; i++)
            {
                inputs.Add((float)values[i, 0]);
            }
        }

        return [.. inputs];
    }

    // [129, 4]: the spectrum at four places half a window apart, real parts above imaginary ones in the weights.
    private static double[,] Magnitudes(double[] window, double[] padded)
    {
        double[,] magnitudes = new double[(Window / 2) + 1, 4];
        for (int place = 0; place < 4; place++)
        {
            ReadOnlySpan<double> part = padded.AsSpan(place * Window / 2, Window);
            for (int i = 0; i <= Window / 2; i++)
            {
                double real = Dot(window.AsSpan(i * Window, Window), part);
                double imaginary = Dot(window.AsSpan((i + (Window / 2) + 1) * Window, Window), part);
                magnitudes[i, place] = Math.Sqrt((real * real) + (imaginary * imaginary));
            }
        }

        return magnitudes;
    }

    // Three taps, one zero on each side, ramp.
    private static double[,] Convolve(double[] weights, double[] bias, int stride, double[,] x)
    {
        int channels = x.GetLength(0);
        int places = x.GetLength(1);
        double[,] y = new double[bias.Length, ((places - 1) / stride) + 1];
        double[] patch = new double[channels * 3];
        for (int place = 0; place < y.GetLength(1); place++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int tap = 0; tap < 3; tap++)
                {
                    int at = (place * stride) + tap - 1;
                    patch[(channel * 3) + tap] = at >= 0 && at < places ? x[channel, at] : 0;
                }
            }

            for (int i = 0; i < bias.Length; i++)
            {
                y[i, place] = Math.Max(0, bias[i] + Dot(weights.AsSpan(i * patch.Length, patch.Length), patch));
            }
        }

        return y;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private double[] Tensor(string name)
    {
        SafetensorsTensor tensor = _weights.Find(name)!;
        double[] values = new double[tensor.Length];
        tensor.CopyTo<double>(values);
        return values;
    }

    private void Fill(string name, ParameterRole role) =>
        Array.ConvertAll(Tensor(name), value => (float)value)
            .CopyTo(Spec.Slot(0, Direction.Forward, role)!.In(Parameters.AsSpan()));
}
