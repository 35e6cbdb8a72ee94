using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Database;
using Platform.Processing.Queues;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary>Which jobs are meant. What is null does not matter; all of the rest must hold.</summary>
internal sealed record JobFilter
{
    public string? State { get; init; }
    public string? Queue { get; init; }
    public string? Type { get; init; }

    /// <summary>By the time in the job's id: a range of ids is a range of days.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }
    public Guid? WorkflowId { get; init; }
    public Guid? ScheduleId { get; init; }

    public bool IsAlive => State is JobState.Scheduled or JobState.Retrying or JobState.Available or JobState.Running;

    /// <summary>From the query of a list.</summary>
    public static JobFilter Read(HttpContext http, List<InputError> errors)
    {
        string? Given(string name, IReadOnlyList<string>? values)
        {
            var text = http.Request.Query.TryGetValue(name, out var given) ? given.ToString() : null;
            if (text is not null && (values is null ? text.Contains('\0', StringComparison.Ordinal) : !values.Contains(text)))
            {
                errors.Add(new(name, "invalid_value", values is null ? $"'{name}' is not valid." : $"'{name}' is one of {string.Join(", ", values)}."));
            }

            return text;
        }

        Guid? Id(string name, string prefix)
        {
            if (Given(name, null) is not { } text)
            {
                return null;
            }

            if (!TypeId.TryParse(prefix, text, out var id))
            {
                errors.Add(new(name, "invalid_format", $"'{name}' must be a {prefix}_ identifier."));
            }

            return id;
        }

        DateTimeOffset after = default;
        var createdAfter = Given("created_after", null);
        if (createdAfter is not null && !Rfc3339.TryParse(createdAfter, out after))
        {
            errors.Add(new("created_after", "wrong_type", "'created_after' must be an RFC 3339 time such as 2026-01-31T12:00:00Z."));
        }

        return new()
        {
            State = Given("state", JobState.All), Queue = Given("queue", http.RequestServices.GetRequiredService<QueueNames>().All), Type = Given("type", null),
            CreatedAfter = createdAfter is null ? null : after, WorkflowId = Id("workflow_id", IdPrefix.Workflow), ScheduleId = Id("schedule_id", IdPrefix.Schedule),
        };
    }

    /// <summary>From a body; of jobs that are alive. Faults stay with <paramref name="fields"/>.</summary>
    public static JobFilter ReadAlive(JsonFields fields, QueueNames queues)
    {
        string? OneOf(string name, IReadOnlyList<string> values)
        {
            var text = fields.OptionalString(name, 64);
            if (text is not null && !values.Contains(text))
            {
                fields.Fault(name, "invalid_value", $"'{name}' is one of {string.Join(", ", values)}.");
            }

            return text;
        }

        Guid? Id(string name, string prefix)
        {
            var text = fields.OptionalString(name, 64);
            if (!TypeId.TryParse(prefix, text, out var id) && text is not null)
            {
                fields.Fault(name, "invalid_format", $"'{name}' must be a {prefix}_ identifier.");
            }

            return text is null ? null : id;
        }

        return new()
        {
            State = OneOf("state", JobState.Alive), Queue = OneOf("queue", queues.All), Type = fields.OptionalString("type", 64),
            CreatedAfter = fields.OptionalTime("created_after"), WorkflowId = Id("workflow_id", IdPrefix.Workflow), ScheduleId = Id("schedule_id", IdPrefix.Schedule),
        };
    }

    /// <summary>The conditions, on <see cref="JobRows.From"/>.</summary>
    /// <param name="of">The table that is looked through: <c>j</c>, <c>w</c> or <c>e</c>.</param>
    public List<string> Where(string of, Guid tenant, NpgsqlParameterCollection parameters)
    {
        string Bind<T>(T value)
        {
            parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return "$" + parameters.Count;
        }

        var owner = Bind(tenant);
        var where = new List<string> { $"{of}.tenant_id = {owner}" };
        switch (State)
        {
            case null: break;
            case JobState.Scheduled: where.Add("w.state = 0 AND w.attempt = 0"); break;
            case JobState.Retrying: where.Add("w.state = 0 AND w.attempt > 0"); break;
            case JobState.Available: where.Add("w.state = 1"); break;
            case JobState.Running: where.Add("w.state = 2"); break;
            case JobState.Dead: where.Add($"e.outcome = 'dead' AND e.id IN (SELECT job_id FROM processing.dead_letter WHERE tenant_id = {owner})"); break;
            case JobState.Cancelled: where.Add("e.outcome = 'cancelled'"); break;
            default: where.Add("e.outcome = 'succeeded'"); break;
        }

        if (Queue is not null)
        {
            where.Add($"j.queue = {Bind(Queue)}");
        }

        if (Type is not null)
        {
            where.Add($"j.type = {Bind(Type)}");
        }

        if (CreatedAfter is { } after)
        {
            // Both: what is joined to a range of ids is not known to lie in it.
            var first = Bind(DayPartitions.FirstIdOf(after.AddMilliseconds(1)));
            where.Add($"{of}.id >= {first}");
            if (of != "j")
            {
                where.Add($"j.id >= {first}");
            }
        }

        if (WorkflowId is { } workflow)
        {
            where.Add($"j.workflow_id = {Bind(workflow)}");
        }

        if (ScheduleId is { } schedule)
        {
            where.Add($"j.schedule_id = {Bind(schedule)}");
        }

        return where;
    }
}
