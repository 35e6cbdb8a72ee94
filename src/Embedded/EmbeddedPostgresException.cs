namespace Platform.Embedded;

/// <summary>
/// An expected reason why the embedded PostgreSQL cannot run (data folder in use, download impossible, unsupported
/// platform, ...). <see cref="Exception.Message"/> is one line that can be shown as it is.
/// </summary>
public sealed class EmbeddedPostgresException : Exception
{
    /// <summary>Creates the exception; line breaks in <paramref name="message"/> become blanks.</summary>
    public EmbeddedPostgresException(string message, Exception? innerException = null)
        : base(message.ReplaceLineEndings(" ").Trim(), innerException)
    {
    }
}
