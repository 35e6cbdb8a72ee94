namespace Platform.Embedded;

/// <summary>How the embedded PostgreSQL is to be started.</summary>
public sealed class EmbeddedPostgresOptions
{
    /// <summary>
    /// The platform's data folder (<c>$PLATFORM_DATA</c>); created when missing. The cluster lives in
    /// <c>&lt;DataDirectory&gt;/postgres</c>, or, where the server's account cannot reach that, in
    /// <c>/var/lib/platform</c> with its path noted in <c>&lt;DataDirectory&gt;/postgres.location</c>.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>Connections the server accepts (default 200).</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>For tests only: a power cut loses or breaks the database (<c>fsync=off</c>). A killed process still loses nothing.</summary>
    public bool RelaxedDurability { get; init; }

    /// <summary>Gets one line of progress for what may take a while ("fetching PostgreSQL 18.4 ..."). May be called from any thread.</summary>
    public Action<string>? Announce { get; init; }
}
