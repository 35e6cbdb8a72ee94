using Npgsql;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.DeadLetters;

/// <summary>Which letters are meant. What is null does not matter.</summary>
internal sealed record LetterFilter
{
    public string? Source { get; init; }
    public string? Type { get; init; }
    public string? Group { get; init; }
    public string? Topic { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public Guid[]? Ids { get; init; }

    /// <summary>The caller sees how the platform itself does: also letters of topics that are not everybody's.</summary>
    public bool IsOperator { get; init; }

    /// <summary>Jobs have no group and no topic.</summary>
    public bool WantsJobs => Source is null or LetterSource.Jobs && Group is null && Topic is null;

    public bool WantsLetters => Source is null or LetterSource.Events or LetterSource.Webhooks;

    /// <summary>From the query of a list.</summary>
    public static LetterFilter Read(HttpContext http, List<InputError> errors)
    {
        string? Text(string name)
        {
            var text = http.Request.Query.TryGetValue(name, out var given) ? given.ToString() : null;
            if (text is not null && (text.Length is 0 or > 255 || text.Contains('\0', StringComparison.Ordinal)))
            {
                errors.Add(new(name, "invalid_value", $"'{name}' is not valid."));
                return null;
            }

            return text;
        }

        DateTimeOffset? Time(string name)
        {
            var text = Text(name);
            if (text is not null && !Rfc3339.TryParse(text, out _))
            {
                errors.Add(new(name, "wrong_type", $"'{name}' must be an RFC 3339 time such as 2026-01-31T12:00:00Z."));
                return null;
            }

            return text is not null && Rfc3339.TryParse(text, out var time) ? time : null;
        }

        var source = Text("source");
        if (source is not null && !LetterSource.All.Contains(source))
        {
            errors.Add(new("source", "invalid_value", $"'source' is one of {string.Join(", ", LetterSource.All)}."));
        }

        return new()
        {
            Source = source, Type = Text("type"), Group = Text("group"), Topic = Text("topic"), Since = Time("since"), Until = Time("until"),
            IsOperator = http.Principal().May(Scopes.OperationsRead),
        };
    }

    /// <summary>From the body of a bulk redrive; faults stay with <paramref name="fields"/>.</summary>
    public static LetterFilter Read(HttpContext http, JsonFields fields)
    {
        var source = fields.OptionalString("source");
        if (source is not null && !LetterSource.All.Contains(source))
        {
            fields.Fault("source", "invalid_value", $"'source' is one of {string.Join(", ", LetterSource.All)}.");
        }

        var ids = fields.OptionalStringList("ids", maxItems: FilteredChange.MaxLimit);
        var keys = new Guid[ids?.Count ?? 0];
        for (var i = 0; i < keys.Length; i++)
        {
            if (!TypeId.TryParse(IdPrefix.DeadLetter, ids![i], out keys[i]))
            {
                fields.Fault("ids", i, "invalid_value", "This is not the id of a dead letter.");
            }
        }

        return new()
        {
            Source = source, Type = fields.OptionalString("type", 255), Group = fields.OptionalString("group", 255), Topic = fields.OptionalString("topic", 255),
            Since = fields.OptionalTime("since"), Until = fields.OptionalTime("until"), Ids = ids is null ? null : keys,
            IsOperator = http.Principal().May(Scopes.OperationsWrite),
        };
    }

    /// <summary>Conditions on dead jobs: <c>dead_letter d</c> and <c>job j</c>.</summary>
    public string JobsWhere(Guid tenant, NpgsqlParameterCollection parameters) =>
        string.Join(" AND ", [$"d.tenant_id = {Bind(parameters, tenant)}", .. Common("d", "j.type", parameters)]);

    /// <summary>Conditions on <c>letter d</c>.</summary>
    public string LettersWhere(Guid tenant, NpgsqlParameterCollection parameters)
    {
        var conditions = new List<string> { $"d.tenant_id = {Bind(parameters, tenant)}", $"d.state <> '{LetterState.Gone}'" };
        conditions.AddRange(Common("d", "d.type", parameters));
        if (Source is not null)
        {
            conditions.Add($"d.source = {Bind(parameters, Source)}");
        }

        if (Group is not null)
        {
            conditions.Add($"d.consumer_group = {Bind(parameters, Group)}");
        }

        if (Topic is not null)
        {
            conditions.Add($"d.topic = {Bind(parameters, Topic)}");
        }

        if (!IsOperator)
        {
            // They carry what only administrators may see: keys, and what services tell each other.
            conditions.Add($"d.topic IS DISTINCT FROM '{Topics.Audit.Name}' AND d.topic IS DISTINCT FROM '{Topics.Control.Name}'");
        }

        return string.Join(" AND ", conditions);
    }

    public static string Bind<T>(NpgsqlParameterCollection parameters, T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return "$" + parameters.Count;
    }

    private IEnumerable<string> Common(string table, string type, NpgsqlParameterCollection parameters)
    {
        if (Type is not null)
        {
            yield return $"{type} = {Bind(parameters, Type)}";
        }

        if (Since is { } since)
        {
            yield return $"{table}.died_at >= {Bind(parameters, since)}";
        }

        if (Until is { } until)
        {
            yield return $"{table}.died_at < {Bind(parameters, until)}";
        }

        if (Ids is not null)
        {
            yield return $"{table}.id = ANY({Bind(parameters, Ids)})";
        }
    }
}
