using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary><c>{filter, limit?}</c>: what is done to everything that a filter means, so much at once. The caller calls again while there is more.</summary>
internal static class FilteredChange
{
    public const int MaxLimit = 10_000;
    public const int DefaultLimit = 1_000;

    /// <param name="all">What an empty filter means.</param>
    /// <param name="read">Of the filter's fields.</param>
    /// <param name="act">Given the filter and the limit.</param>
    public static async Task<IResult> RunAsync<TFilter>(
        HttpContext http, ProcessingDatabase database, string all, Func<JsonFields, TFilter> read, Func<WriteTransaction, TFilter, int, Task<IResult>> act)
        where TFilter : class
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var filter = body.Fields.OptionalObject("filter") is { } fields ? read(fields) : null;
            if (filter is null && !body.Fields.Has("filter"))
            {
                // All of them is a filter too, but one that has to be written down.
                body.Fields.Fault("filter", "required", $"'filter' is required; {{}} means {all}.");
            }

            var limit = body.Fields.OptionalInt("limit", 1, MaxLimit) ?? DefaultLimit;
            if (body.Fields.Problem is { } problem)
            {
                return problem;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            return badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), transaction => act(transaction, filter!, limit), http.RequestAborted);
        }
    }
}
