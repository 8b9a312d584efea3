using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Identity of a network and its parameters.</content>
public sealed partial class NetworkSpec
{
    /// <summary>
    /// Computes the first 8 bytes of a SHA-256 over all that an output depends on: the description and the parameters. A saved stream state
    /// has the fingerprint in it, so that another network refuses the state. The precision of packed weights is not part of it.
    /// </summary>
    /// <param name="parameters">[Parameters.Length] in.</param>
    /// <returns>The fingerprint, the same on every machine.</returns>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <remarks>For set-up. Allocates the hash.</remarks>
    public ulong Fingerprint(ReadOnlySpan<float> parameters)
    {
        Guard.Length(parameters, Parameters.Length, "Parameters.Length");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, InputSize);
        foreach (LayerSpec layer in _layers)
        {
            Add(hash, layer);
        }

        // Earlier versions had a head here, and these numbers without one: states of recurrent layers alone that they saved are read.
        Add(hash, [-1, 0, 0]);
        Add(hash, ActivationKind.Identity);

        // The size of an embedding has no hash of its own: it decides how long its slot is.
        Span<byte> bytes = stackalloc byte[1024];
        foreach (ParameterSlot slot in Parameters.Slots)
        {
            ReadOnlySpan<float> values = slot.In(parameters);
            while (!values.IsEmpty)
            {
                int count = Math.Min(values.Length, bytes.Length / sizeof(float));
                for (int i = 0; i < count; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], values[i]);
                }

                hash.AppendData(bytes[..(count * sizeof(float))]);
                values = values[count..];
            }
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    private static void Add(IncrementalHash hash, LayerSpec layer)
    {
        switch (layer)
        {
            case RecurrentLayer recurrent:
                Add(hash, recurrent);
                break;
            case DenseLayer dense:
                Add(hash, [4, dense.OutputSize, dense.Bias ? 1 : 0]);
                Add(hash, dense.Activation);
                break;
            case AffineLayer affine:
                Add(hash, [5, affine.Scale ? 1 : 0, affine.Shift ? 1 : 0]);
                break;
            case NormalizationLayer normalization:
                Add(hash, [6, (int)normalization.Kind, normalization.Scale ? 1 : 0, normalization.Shift ? 1 : 0]);
                Add(hash, normalization.Epsilon);
                break;
            case ActivationLayer activation:
                Add(hash, [7, (int)activation.Normalization]);
                Add(hash, activation.Activation);
                break;
            case PReluLayer:
                Add(hash, 8);
                break;
            case MergeLayer merge:
                Add(hash, [9, (int)merge.Merge]);
                break;
            case PoolLayer pool:
                Add(hash, [10, (int)pool.Kind]);
                break;
            case StepLayer step:
                Add(hash, [11, step.Step]);
                break;
            case AttentionLayer:
                Add(hash, 12);
                break;
            case FinalStateLayer final:
                Add(hash, [13, final.AllLayers ? 1 : 0, final.Cells ? 1 : 0]);
                break;
            case SkipLayer skip:
                Add(hash, [14, skip.From, (int)skip.Scale, skip.Features]);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void Add(IncrementalHash hash, RecurrentLayer layer)
    {
        Add(hash, (int)layer.Cell);
        Add(hash, layer.HiddenSize);
        Add(hash, layer.ProjectionSize);
        Add(hash, layer.Bidirectional ? 1 : 0);
        Add(hash, layer.Reverse ? 1 : 0);
        Add(hash, layer.Bias ? 1 : 0);
        Add(hash, layer.Peepholes ? 1 : 0);
        Add(hash, layer.CoupledGates ? 1 : 0);
        Add(hash, layer.TrainableInitialState ? 1 : 0);
        Add(hash, layer.Clip);
        foreach (Direction direction in layer.Directions)
        {
            RecurrentLayer ofDirection = layer.For(direction);
            Add(hash, ofDirection.Activation);
            Add(hash, ofDirection.GateActivation);
            Add(hash, ofDirection.OutputActivation);
        }
    }

    private static void Add(IncrementalHash hash, ActivationSpec activation)
    {
        Add(hash, (int)activation.Kind);
        Add(hash, activation.Alpha);
        Add(hash, activation.Beta);
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
        {
            Add(hash, number);
        }
    }

    private static void Add(IncrementalHash hash, double number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
