using FsCheck;
using FsCheck.Fluent;

namespace Platform.Processing.Tests.Model;

/// <summary>What somebody does to the jobs of a case. Numbers are taken modulo what is there, so that any list of steps makes sense and can be shortened.</summary>
/// <param name="Worker">Who does it, of those that work.</param>
/// <param name="Pick">Which job, or which of the worker's items.</param>
internal sealed record Step(StepKind Kind, int Worker, int Pick)
{
    public const int Workers = 3;

    public override string ToString() => $"{Kind} {Worker}/{Pick}";

    /// <summary>Lists of steps; one that fails is shortened by parts and single steps, and its numbers are made smaller.</summary>
    public static Arbitrary<Step[]> Lists { get; } = Arb.From(Gen.Sized(size =>
        from count in Gen.Choose(3, 8 + (size / 2))
        from steps in One().ArrayOf(count)
        select (Step[])[new(StepKind.Submit, 0, 0), .. steps]), Shrink);

    private static Gen<Step> One() =>
        from kind in Gen.Frequency(
            (3, Gen.Constant(StepKind.Submit)), (8, Gen.Constant(StepKind.Claim)), (3, Gen.Constant(StepKind.Heartbeat)), (4, Gen.Constant(StepKind.Succeed)),
            (4, Gen.Constant(StepKind.Fail)), (1, Gen.Constant(StepKind.GiveUp)), (2, Gen.Constant(StepKind.Snooze)), (2, Gen.Constant(StepKind.GiveBack)),
            (5, Gen.Constant(StepKind.LeaseEnds)), (3, Gen.Constant(StepKind.TimeComes)), (2, Gen.Constant(StepKind.Cancel)), (3, Gen.Constant(StepKind.Retry)),
            (1, Gen.Constant(StepKind.Redrive)), (1, Gen.Constant(StepKind.Pause)), (1, Gen.Constant(StepKind.Resume)), (2, Gen.Constant(StepKind.CancelWhileItEnds)),
            (2, Gen.Constant(StepKind.TwoEndIt)))
        from worker in Gen.Choose(0, Workers - 1)
        from pick in Gen.Choose(0, 5)
        select new Step(kind, worker, pick);

    private static IEnumerable<Step[]> Shrink(Step[] steps)
    {
        for (var length = steps.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= steps.Length; at += length)
            {
                yield return [.. steps[..at], .. steps[(at + length)..]];
            }
        }

        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].Pick > 0 || steps[i].Worker > 0)
            {
                yield return [.. steps[..i], steps[i] with { Pick = steps[i].Pick / 2, Worker = steps[i].Worker / 2 }, .. steps[(i + 1)..]];
            }
        }
    }
}

internal enum StepKind
{
    Submit,
    Claim,
    Heartbeat,
    Succeed,
    Fail,

    /// <summary>Fails, and no attempt can help.</summary>
    GiveUp,

    /// <summary>Later, uncounted.</summary>
    Snooze,

    /// <summary>A worker that stops.</summary>
    GiveBack,

    /// <summary>A worker was silent for too long.</summary>
    LeaseEnds,

    /// <summary>What waits is due.</summary>
    TimeComes,
    Cancel,
    Retry,

    /// <summary>All dead letters.</summary>
    Redrive,
    Pause,
    Resume,

    /// <summary>A caller and a worker at the same instant.</summary>
    CancelWhileItEnds,

    /// <summary>The holder and one whose claim is over, at the same instant.</summary>
    TwoEndIt,
}
