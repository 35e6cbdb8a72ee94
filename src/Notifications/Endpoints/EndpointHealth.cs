using System.Text.Json;
using Npgsql;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Endpoints;

/// <summary>How an endpoint is doing, as all processes see it. It changes without a new version of the endpoint.</summary>
/// <param name="State">One of <see cref="CircuitState"/>.</param>
/// <param name="FailingSince">The first failure since the last success; null when the last attempt succeeded.</param>
/// <param name="ConsecutiveFailures">Attempts that have failed since the last success.</param>
internal sealed record EndpointHealth(
    string State, DateTimeOffset? FailingSince, int ConsecutiveFailures, DateTimeOffset? LastSuccessAt, DateTimeOffset? LastFailureAt)
{
    public static readonly EndpointHealth New = new(CircuitState.Closed, null, 0, null, null);

    /// <param name="first">The column of <paramref name="reader"/> that begins with the state; the others follow in order.</param>
    public static EndpointHealth Read(NpgsqlDataReader reader, int first)
    {
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        return new(reader.GetString(first), Time(first + 1), reader.GetInt32(first + 2), Time(first + 3), Time(first + 4));
    }

    public void WriteTo(Utf8JsonWriter json, string name)
    {
        static string? Format(DateTimeOffset? time) => time is { } t ? Rfc3339.Format(t) : null;
        json.WriteStartObject(name);
        json.WriteString("state", State);
        json.WriteString("failing_since", Format(FailingSince));
        json.WriteNumber("consecutive_failures", ConsecutiveFailures);
        json.WriteString("last_success_at", Format(LastSuccessAt));
        json.WriteString("last_failure_at", Format(LastFailureAt));
        json.WriteEndObject();
    }
}

/// <summary>Whether an endpoint is sent to.</summary>
internal static class CircuitState
{
    /// <summary>As it should be.</summary>
    public const string Closed = "closed";

    /// <summary>It failed too often in a row: its deliveries wait.</summary>
    public const string Open = "open";

    /// <summary>One delivery is on its way to find out whether it is back.</summary>
    public const string HalfOpen = "half_open";

    /// <summary>It is back: what waits is let go in steps, each twice as large.</summary>
    public const string Recovering = "recovering";

    public static readonly IReadOnlyList<string> All = [Closed, Open, HalfOpen, Recovering];
}
