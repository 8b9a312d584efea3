using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>What moves the parameters once their gradients are known; an optimizer of one's own derives from it as those here do.</summary>
/// <remarks>
/// Its whole state is the moments, <see cref="Steps"/> and <see cref="LearningRate"/>. All else is fixed when it is made, and
/// <see cref="object.ToString"/> says it: a saved run may go on in an optimizer of the same text.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public abstract class Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly string[] _momentNames;
    private readonly AlignedBuffer<T>[] _moments;

    /// <summary>Allocates the moments, all zero.</summary>
    /// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
    /// <param name="momentNames">One name for each moment.</param>
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
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set
        {
            Guard.NotNegative(value, nameof(LearningRate));
            field = value;
        }
    } = 1e-3;

    /// <summary>λ, 0 or more: pulls every parameter towards 0, since λ·p is added to its gradient.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double WeightDecay
    {
        get;
        init
        {
            Guard.NotNegative(value, nameof(WeightDecay));
            field = value;
        }
    }

    /// <summary>t: how many steps were taken; set it with the moments to continue a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
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

    /// <summary>What each moment is called.</summary>
    public ReadOnlySpan<string> MomentNames => _momentNames;

    /// <summary>One of the moments, [<see cref="Length"/>], to be read and written. Allocates nothing.</summary>
    /// <param name="index">Its index in <see cref="MomentNames"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such moment.</exception>
    public Span<T> Moment(int index)
    {
        Guard.Index(index, _moments.Length);
        return _moments[index].Span;
    }

    /// <summary>Takes one step. Allocates nothing.</summary>
    /// <param name="parameters">[<see cref="Length"/>] in and out.</param>
    /// <param name="gradients">[<see cref="Length"/>] in, ∂L/∂p; no memory shared with <paramref name="parameters"/>.</param>
    /// <exception cref="ArgumentException">A length differs or the spans overlap; nothing is written.</exception>
    public void Step(Span<T> parameters, ReadOnlySpan<T> gradients)
    {
        Guard.Length(parameters, Length, "length of the optimizer");
        Guard.Length(gradients, Length, "length of the optimizer");
        Guard.NoOverlap(parameters, gradients);
        Steps++;
        Update(parameters, gradients);
    }

    /// <summary>The kind and its settings but for the learning rate: the same text is the same optimizer.</summary>
    public abstract override string ToString();

    /// <summary>Moves the parameters and the moments; <see cref="Steps"/> counts the step already.</summary>
    /// <param name="parameters">[<see cref="Length"/>] in and out.</param>
    /// <param name="gradients">[<see cref="Length"/>] in.</param>
    protected abstract void Update(Span<T> parameters, ReadOnlySpan<T> gradients);
}
