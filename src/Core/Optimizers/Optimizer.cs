using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Step of the parameters against their gradients. An optimizer of your own derives from this class as the ones here do.</summary>
/// <remarks>
/// The state of an optimizer is its moments, <see cref="Steps"/> and <see cref="LearningRate"/>. Everything else is fixed at construction
/// and named by <see cref="object.ToString"/>: a saved run may go on in an optimizer with the same text.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public abstract class Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly string[] _momentNames;
    private readonly AlignedBuffer<T>[] _moments;

    /// <summary>Allocates the moments, all zero.</summary>
    /// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
    /// <param name="momentNames">Name of each moment.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    protected Optimizer(int length, params ReadOnlySpan<string> momentNames)
    {
        Guard.Precision<T>();
        Guard.NotNegative(length);
        Length = length;
        _momentNames = [.. momentNames];
        _moments = new AlignedBuffer<T>[momentNames.Length];
        for (int i = 0; i < _moments.Length; i++)
        {
            _moments[i] = new AlignedBuffer<T>(length);
        }
    }

    /// <summary>α, 0 or more; may change from step to step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set => field = Guard.NotNegative(value, nameof(LearningRate));
    } = 1e-3;

    /// <summary>λ, 0 or more: pulls every parameter p toward 0, since λ·p is added to the gradient of p.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not finite.</exception>
    public double WeightDecay
    {
        get;
        init => field = Guard.NotNegative(value, nameof(WeightDecay));
    }

    /// <summary>t: number of steps taken; set it with the moments to continue a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public long Steps
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Length of the flat parameter buffer.</summary>
    public int Length { get; }

    /// <summary>Names of the moments.</summary>
    public ReadOnlySpan<string> MomentNames => _momentNames;

    /// <summary>One of the moments, [<see cref="Length"/>], to read and to write. Allocates nothing.</summary>
    /// <param name="index">Index of the moment in <see cref="MomentNames"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such moment.</exception>
    public Span<T> Moment(int index)
    {
        Guard.Index(index, _moments.Length);
        return _moments[index].Span;
    }

    /// <summary>Takes one step. Allocates nothing.</summary>
    /// <param name="parameters">[<see cref="Length"/>] in and out.</param>
    /// <param name="gradients">[<see cref="Length"/>] in, ∂L/∂p; shares no memory with <paramref name="parameters"/>.</param>
    /// <exception cref="ArgumentException">A length differs or the spans overlap; nothing is written.</exception>
    public void Step(Span<T> parameters, ReadOnlySpan<T> gradients)
    {
        Guard.Length(parameters, Length, "length of the optimizer");
        Guard.Length(gradients, Length, "length of the optimizer");
        Guard.NoOverlap(parameters, gradients);
        Steps++;
        Update(parameters, gradients);
    }

    /// <summary>Kind and settings of the optimizer but for the learning rate: the same text is the same optimizer.</summary>
    public abstract override string ToString();

    /// <summary>Updates the parameters and the moments; <see cref="Steps"/> already includes the step.</summary>
    /// <param name="parameters">[<see cref="Length"/>] in and out.</param>
    /// <param name="gradients">[<see cref="Length"/>] in.</param>
    protected abstract void Update(Span<T> parameters, ReadOnlySpan<T> gradients);
}
