using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Platform.Notifications.Deliveries;

/// <summary>
/// Order per subject. Of the deliveries of an endpoint about one subject only the head is in the queue; the others wait outside, and the transaction in
/// which the head ends puts the next one in. Whoever adds to a subject and whoever ends its head lock the subject's row first and look afterwards, so
/// that neither misses the other; what died with a process is undone by the database, and its lease brings the head back.
/// </summary>
internal static class DeliveryOrder
{
    private const int MaxKey = 256;

    /// <summary>The subjects of the deliveries that are named by $1 and $2.</summary>
    private const string Subjects = """
        SELECT DISTINCT d.tenant_id, d.endpoint_id, d.subject
        FROM unnest($1::uuid[], $2::uuid[]) AS a(tenant_id, id)
        JOIN notifications.delivery d ON d.tenant_id = a.tenant_id AND d.id = a.id AND d.subject IS NOT NULL
        """;

    /// <summary>
    /// The next of each subject whose head is not pending any more, with the redeliveries that wait before it: those are let go beside it. Where only
    /// redeliveries wait, all of them; where nothing waits, the subject is done.
    /// </summary>
    private static readonly string Advance = $"""
        WITH free AS MATERIALIZED (
            SELECT s.tenant_id, s.endpoint_id, s.subject
            FROM ({Subjects}) k JOIN notifications.subject_order s ON s.tenant_id = k.tenant_id AND s.endpoint_id = k.endpoint_id AND s.subject = k.subject
            WHERE NOT EXISTS (SELECT FROM notifications.delivery d WHERE d.tenant_id = s.tenant_id AND d.id = s.head AND d.state = '{DeliveryState.Pending}')),
        next AS MATERIALIZED (
            SELECT f.*, n.id AS head, n.position
            FROM free f LEFT JOIN LATERAL (
                SELECT d.id, d.position FROM notifications.delivery d
                WHERE d.tenant_id = f.tenant_id AND d.endpoint_id = f.endpoint_id AND d.subject = f.subject
                    AND d.state = '{DeliveryState.Pending}' AND d.reason = '{DeliveryReason.WaitingForOrder}' AND NOT d.aside
                ORDER BY d.position LIMIT 1) n ON true),
        freed AS (
            UPDATE notifications.delivery d SET reason = NULL FROM next n
            WHERE d.tenant_id = n.tenant_id AND d.endpoint_id = n.endpoint_id AND d.subject = n.subject
                AND d.state = '{DeliveryState.Pending}' AND d.reason = '{DeliveryReason.WaitingForOrder}'
                AND d.position <= coalesce(n.position, {long.MaxValue})
            RETURNING d.tenant_id, d.id, d.endpoint_id),
        moved AS (
            UPDATE notifications.subject_order s SET head = n.head FROM next n
            WHERE s.tenant_id = n.tenant_id AND s.endpoint_id = n.endpoint_id AND s.subject = n.subject AND n.head IS NOT NULL),
        done AS (
            DELETE FROM notifications.subject_order s USING next n
            WHERE s.tenant_id = n.tenant_id AND s.endpoint_id = n.endpoint_id AND s.subject = n.subject AND n.head IS NULL)
        INSERT INTO notifications.work_item (tenant_id, id, queue, lane, priority, state, rank, run_at)
        SELECT tenant_id, id, '{DeliveryQueue.Name}', {DeliveryQueue.LaneOf("endpoint_id")}, {DeliveryQueue.AtOnce} FROM freed
        """;

    /// <summary>A subject as it is kept: what is too long for an index by its hash.</summary>
    public static string KeyOf(string subject) =>
        subject.Length <= MaxKey ? subject : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)));

    /// <summary>Deliveries that wait for their order have come: each enters the queue where it is the first of its subject.</summary>
    public static void Enter(NpgsqlBatch batch, IReadOnlyList<Guid> tenants, IReadOnlyList<Guid> ids)
    {
        batch.BatchCommands.Add(With(tenants, ids, $"""
            INSERT INTO notifications.subject_order AS s (tenant_id, endpoint_id, subject)
            SELECT * FROM ({Subjects}) k ORDER BY 1, 2, 3
            ON CONFLICT (tenant_id, endpoint_id, subject) DO UPDATE SET head = s.head
            """));
        batch.BatchCommands.Add(With(tenants, ids, Advance));
    }

    /// <summary>Deliveries have ended: where one was the head of its subject, the next one enters the queue.</summary>
    public static void Leave(NpgsqlBatch batch, IReadOnlyList<Guid> tenants, IReadOnlyList<Guid> ids)
    {
        batch.BatchCommands.Add(With(tenants, ids, $"""
            SELECT FROM ({Subjects}) k
            JOIN notifications.subject_order s ON s.tenant_id = k.tenant_id AND s.endpoint_id = k.endpoint_id AND s.subject = k.subject
            ORDER BY s.tenant_id, s.endpoint_id, s.subject FOR UPDATE OF s
            """));
        batch.BatchCommands.Add(With(tenants, ids, Advance));
    }

    public static NpgsqlBatchCommand With(IReadOnlyList<Guid> tenants, IReadOnlyList<Guid> ids, string sql) => new(sql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid[]> { TypedValue = [.. tenants] },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] },
        },
    };
}
