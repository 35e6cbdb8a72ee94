using Npgsql;

namespace Platform.Eventing.Database;

/// <summary>Settings of a connection's sessions, and so a pool of its own.</summary>
internal static class SessionSettings
{
    /// <param name="settings">As the server's command line takes them: <c>-c name=value</c>, several divided by blanks.</param>
    public static string Add(string connectionString, string settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = string.IsNullOrEmpty(builder.Options) ? settings : $"{builder.Options} {settings}";
        return builder.ConnectionString;
    }
}
