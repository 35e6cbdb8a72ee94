using Platform.Processing.Jobs;

namespace Platform.Processing.Tests.Model;

/// <summary>What a job should be: the whole of its life as the guide tells it, and nothing of how it is kept.</summary>
internal sealed class ModelJob(int maxAttempts)
{
    public int MaxAttempts { get; } = maxAttempts;

    /// <summary>As in <c>state</c>, except that what waits is told apart by its attempts.</summary>
    public string Phase { get; private set; } = JobState.Available;
    public int Attempt { get; private set; }

    /// <summary>The claim that holds it; null when none does.</summary>
    public long? Token { get; private set; }

    /// <summary>Its holder was silent for too long: the next claim, anybody's, gives it back first.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>It waits, and its time has come: the next claim makes it available first.</summary>
    public bool IsDue { get; private set; }

    /// <summary>How often it has ended so, by outcome.</summary>
    public Dictionary<string, int> Ends { get; } = new(StringComparer.Ordinal) { [JobState.Succeeded] = 0, [JobState.Dead] = 0, [JobState.Cancelled] = 0 };

    /// <summary>Attempts that failed and are followed by another.</summary>
    public int Retries { get; private set; }

    public bool IsAlive => Phase is JobState.Available or JobState.Running or JobState.Retrying;

    /// <summary>As the API shows it.</summary>
    public string State => Phase == JobState.Retrying && Attempt == 0 ? JobState.Scheduled : Phase;

    /// <summary>As the API shows it: a job whose last worker was lost ends with the attempts that it may have.</summary>
    public int ShownAttempt => Phase is JobState.Dead or JobState.Succeeded ? Math.Min(Attempt, MaxAttempts) : Attempt;

    public bool Holds(long token) => Phase == JobState.Running && Token == token;

    /// <summary>Before anything is claimed: silent holders lose what they hold, and what is due is available.</summary>
    public void Sweep()
    {
        if (IsOverdue || IsDue)
        {
            (Phase, Token, IsOverdue, IsDue) = (JobState.Available, null, false, false);
        }
    }

    public void Claim(long token) => (Phase, Token, Attempt) = (JobState.Running, token, Attempt + 1);

    public void Renew() => IsOverdue = false;

    public void LeaseEnds() => IsOverdue |= Phase == JobState.Running;

    public void TimeComes() => IsDue |= Phase == JobState.Retrying;

    public void Succeed() => End(Attempt > MaxAttempts ? JobState.Dead : JobState.Succeeded);

    public void Fail()
    {
        if (Attempt >= MaxAttempts)
        {
            End(JobState.Dead);
            return;
        }

        Retries++;
        Wait();
    }

    public void GiveUp() => End(JobState.Dead);

    public void Snooze()
    {
        // It is not even asked: its last attempt went down with a worker.
        if (Attempt > MaxAttempts)
        {
            End(JobState.Dead);
            return;
        }

        Attempt--;
        Wait();
    }

    public void GiveBack() => (Phase, Token, IsOverdue, Attempt) = (JobState.Available, null, false, Attempt - 1);

    public void Cancel() => End(JobState.Cancelled);

    /// <summary>False where it is refused.</summary>
    public bool Retry()
    {
        if (Phase is JobState.Available or JobState.Running or JobState.Succeeded)
        {
            return false;
        }

        if (Phase != JobState.Retrying)
        {
            Attempt = 0;
            Retries++;
        }

        (Phase, IsDue) = (JobState.Available, false);
        return true;
    }

    private void Wait() => (Phase, Token, IsOverdue, IsDue) = (JobState.Retrying, null, false, false);

    private void End(string outcome)
    {
        (Phase, Token, IsOverdue, IsDue) = (outcome, null, false, false);
        Ends[outcome]++;
    }
}
