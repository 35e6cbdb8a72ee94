using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>Where an import is: everything before <paramref name="Offset"/> is done.</summary>
/// <param name="Offset">Where the next chunk begins.</param>
/// <param name="Line">The line there.</param>
/// <param name="Rows">Records so far, bad ones included.</param>
/// <param name="Refused">How often the chunk there was refused as a whole: the next try is another request.</param>
/// <param name="SentAt">When the chunk there was first sent, where no answer to it is known; null otherwise.</param>
internal sealed record ImportState(long Offset, long Line, long Rows, long Written, long Failed, int Refused = 0, DateTimeOffset? SentAt = null);

/// <param name="Errors">The first hundred.</param>
/// <param name="ErrorsFile">All of them, a line of JSON each; null where there are none.</param>
internal sealed record ImportResult(string FileId, long Rows, long Written, long Failed, IReadOnlyList<JsonElement> Errors, string? ErrorsFile);
