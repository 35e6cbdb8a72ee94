using Npgsql;

namespace Platform.ServiceDefaults.Idempotency;

/// <summary>Limits a transaction to one tenant's rows.</summary>
public static class TenantScope
{
    /// <summary>The first statement of every batch or transaction on behalf of a caller; it holds until the transaction ends.</summary>
    public static NpgsqlBatchCommand Set(Guid tenant) =>
        new("SELECT set_config('platform.tenant', $1, true)") { Parameters = { new NpgsqlParameter<string> { TypedValue = tenant.ToString() } } };
}
