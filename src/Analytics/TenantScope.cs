using Npgsql;

namespace Platform.Analytics;

/// <summary>Limits the transaction of a batch to one tenant's rows; the first statement of every read.</summary>
internal static class TenantScope
{
    public static NpgsqlBatchCommand Set(Guid tenant) =>
        new("SELECT set_config('platform.tenant', $1, true)") { Parameters = { new NpgsqlParameter<string> { TypedValue = tenant.ToString() } } };
}
