using SpanRnn.Core;

namespace SpanRnn;

/// <content>
/// Final states of the last steps, for batches that carry on: a ring with a place for each of Batch.Keep steps. The memory is the
/// trainer's own.
/// </content>
public sealed partial class Trainer<T>
{
    private AlignedBuffer<T> _kept = new(0);
    private int _keptPlaces;
    private int _newest;

    /// <summary>Number of steps whose final states are kept: at most the last Batch.Keep, and all of one batch size.</summary>
    public int CarriedSteps { get; private set; }

    /// <summary>Number of sequences of the kept states; 0 if none are kept.</summary>
    public int CarriedBatch { get; private set; }

    private int KeptLength => CarriedBatch * Spec.StateSize;

    /// <summary>
    /// Final states of an earlier step: [CarriedBatch × Spec.StateSize], each [CarriedBatch, size] as in Network. The next step or
    /// <see cref="RestoreCarried"/> may overwrite them.
    /// </summary>
    /// <param name="stepsBack">From 1, the last step, to <see cref="CarriedSteps"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The states of that step are not kept.</exception>
    public ReadOnlySpan<T> CarriedStates(int stepsBack)
    {
        if (stepsBack < 1 || stepsBack > CarriedSteps)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stepsBack), $"'stepsBack' is {stepsBack}, expected 1 to {CarriedSteps} = CarriedSteps.");
        }

        return Place(stepsBack - 1);
    }

    /// <summary>Makes room for kept states, to continue a saved run: write them next. States kept before are gone.</summary>
    /// <param name="steps">The saved <see cref="CarriedSteps"/>; 0 for none.</param>
    /// <param name="batch">The saved <see cref="CarriedBatch"/>.</param>
    /// <returns>[steps, batch × Spec.StateSize], to be written, the states of the last step first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    /// <exception cref="OverflowException">There are more than 2³¹ − 1 numbers.</exception>
    public Span<T> RestoreCarried(int steps, int batch)
    {
        Guard.NotNegative(steps);
        int length = checked(steps * _network.StateLength(batch));
        if (_kept.Length < length)
        {
            _kept = new AlignedBuffer<T>(length);
        }

        (CarriedSteps, CarriedBatch) = steps == 0 ? (0, 0) : (steps, batch);
        _keptPlaces = steps;
        _newest = 0;
        return _kept.Span[..length];
    }

    // Place 0 is the newest.
    private Span<T> Place(int place) => _kept.Span.Slice((_newest + place) % _keptPlaces * KeptLength, KeptLength);

    /// <summary>Keeps the final states of the step as the newest.</summary>
    private void KeepStates(Batch<T> batch, ReadOnlySpan<T> state)
    {
        int sequences = batch.Layout.Batch;
        if (batch.Keep == 0 || sequences != CarriedBatch)
        {
            RestoreCarried(0, 0);
        }

        if (batch.Keep == 0)
        {
            return;
        }

        if (batch.Keep != _keptPlaces)
        {
            MakePlaces(batch.Keep, sequences);
        }

        _newest = (_newest + _keptPlaces - 1) % _keptPlaces;
        CarriedBatch = sequences;
        CarriedSteps = Math.Min(CarriedSteps + 1, _keptPlaces);
        state.CopyTo(Place(0));
    }

    // Moves the kept states, as far as there are places.
    private void MakePlaces(int places, int sequences)
    {
        int kept = Math.Min(CarriedSteps, places);
        if (kept == 0)
        {
            RestoreCarried(places, sequences);
        }
        else
        {
            var moved = new AlignedBuffer<T>(checked(places * _network.StateLength(sequences)));
            for (int place = 0; place < kept; place++)
            {
                Place(place).CopyTo(moved.Span[(place * KeptLength)..]);
            }

            _kept = moved;
        }

        (_keptPlaces, CarriedSteps, _newest) = (places, kept, 0);
    }
}
