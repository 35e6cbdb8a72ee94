using System.Text;

namespace Platform.Processing.Types;

/// <summary>How an attempt ended.</summary>
/// <param name="Result">JSON; null for none.</param>
/// <param name="Error">Null for success.</param>
internal sealed record AttemptResult(byte[]? Result, string? Error)
{
    private const int MaxError = 2000;

    /// <summary>No further attempt can succeed.</summary>
    public bool IsHopeless { get; init; }

    /// <summary>Not to be tried again before this: the other side asked for it.</summary>
    public TimeSpan? NotBefore { get; init; }

    /// <summary>It has not ended: it goes on after this, and this attempt does not count.</summary>
    public TimeSpan? Snooze { get; init; }

    public static AttemptResult Success(byte[]? result) => new(result, null);

    /// <summary>The error is made fit to be stored: short, without NUL and without half a character.</summary>
    public static AttemptResult Failure(string error)
    {
        var text = error.Length > MaxError ? error[..MaxError] : error;
        return new(null, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', ' '));
    }
}
