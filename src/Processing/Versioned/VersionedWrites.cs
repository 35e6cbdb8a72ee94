using System.Text.Json;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Versioned;

/// <summary>Making, changing and deleting what is <see cref="IVersioned{TSelf}"/>.</summary>
internal static class VersionedWrites
{
    /// <summary>201 and <c>Location</c>.</summary>
    /// <param name="read">Of the body; its settings are used only where nothing is wrong with them.</param>
    public static async Task<IResult> CreateAsync<T, TSettings>(
        HttpContext http, ProcessingDatabase database, Func<JsonFields, TSettings?> read, Func<TSettings, T> make)
        where T : class, IVersioned<T>
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var settings = read(body.Fields);
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var made = make(settings!);
            var answer = JsonAnswer.Created(made.Location, made.ToJson()) with { EntityTag = ETag.Of(made.Version) };
            return await Writes.ExecuteAsync(database, write, answer, batch => batch.BatchCommands.Add(T.Insert(write.Tenant, made)), http.RequestAborted);
        }
    }

    /// <summary>A JSON merge patch (RFC 7396) of what can be set on creation; heeds <c>If-Match</c>.</summary>
    /// <param name="read">As for creation: a patch cannot make what creation would refuse.</param>
    public static async Task<IResult> PatchAsync<T, TSettings>(
        string id, HttpContext http, ProcessingDatabase database, IReadOnlyList<string> fieldNames, Func<JsonFields, TSettings?> read, Func<T, TSettings, T> change)
        where T : class, IVersioned<T>
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http, "application/merge-patch+json", "application/json");
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            foreach (var name in fieldNames)
            {
                body.Fields.OptionalValue(name);
            }

            return body.Fields.Problem ?? await ChangeAsync<T>(id, http, database, body.Root, current =>
            {
                using var merged = JsonDocument.Parse(MergePatch.Apply(current.SettingsJson(), body.Root));
                var fields = new JsonFields(merged.RootElement);
                var settings = read(fields);
                return fields.Problem is { } invalid ? (null, invalid) : (change(current, settings!), null);
            });
        }
    }

    /// <summary>200 and what it is then; heeds <c>If-Match</c>.</summary>
    /// <param name="change">Given what is there, with its row locked: what it becomes, or why not.</param>
    public static async Task<IResult> ChangeAsync<T>(
        string id, HttpContext http, ProcessingDatabase database, JsonElement body, Func<T, (T? Next, Problem? Problem)> change)
        where T : class, IVersioned<T> =>
        await WithAsync<T>(id, http, database, body, (transaction, current) =>
        {
            var (next, refused) = change(current);
            if (next is null)
            {
                return Task.FromResult<IResult>(refused!);
            }

            transaction.Add(T.Update(transaction.Tenant, next));
            return Task.FromResult<IResult>(JsonAnswer.Ok(next.ToJson()) with { EntityTag = ETag.Of(next.Version) });
        });

    /// <summary>204; heeds <c>If-Match</c>.</summary>
    public static async Task<IResult> DeleteAsync<T>(string id, HttpContext http, ProcessingDatabase database)
        where T : class, IVersioned<T> =>
        await WithAsync<T>(id, http, database, default, async (transaction, current) =>
        {
            await using var delete = transaction.Command($"DELETE FROM {T.Table} WHERE tenant_id = $1 AND id = $2", transaction.Tenant, current.Id);
            await delete.ExecuteNonQueryAsync(http.RequestAborted);
            return JsonAnswer.NoContent();
        });

    private static async Task<IResult> WithAsync<T>(
        string id, HttpContext http, ProcessingDatabase database, JsonElement body, Func<WriteTransaction, T, Task<IResult>> act)
        where T : class, IVersioned<T>
    {
        if (!T.TryId(id, out var key))
        {
            return T.NotFound();
        }

        var (versions, badTag) = ETag.IfMatch(http);
        var (write, badKey) = WriteRequest.Of(http, body);
        return badTag ?? badKey ?? await Writes.TransactAsync(database, write, RequestId.Of(http), async transaction =>
        {
            if (await T.LockAsync(transaction, key, http.RequestAborted) is not { } current)
            {
                return T.NotFound();
            }

            return versions is not null && !versions.Contains(current.Version) ? KnownProblems.VersionMismatch(current.Version) : await act(transaction, current);
        }, http.RequestAborted);
    }
}
