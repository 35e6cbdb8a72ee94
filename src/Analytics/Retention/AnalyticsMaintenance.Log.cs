namespace Platform.Analytics.Retention;

internal sealed partial class AnalyticsMaintenance
{
    [LoggerMessage(5001, LogLevel.Error, "Maintenance of analytics failed; it is tried again at the next turn")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(5002, LogLevel.Information,
        "Search compares every document of a tenant: row-level security keeps PostgreSQL from using the text index until a superuser runs, in this database, "
        + "ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF")]
    private partial void LogSlow();
}
