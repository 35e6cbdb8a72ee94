using System.Text;

namespace Platform.Notifications.Sending;

/// <summary>Headers as the attempt log keeps them: a line each.</summary>
internal static class HeaderLines
{
    private const int Max = 4 * 1024;
    private const string Masked = "***";

    private static readonly string[] SecretWords =
        ["auth", "token", "secret", "password", "passwd", "key", "cookie", "session", "credential", "signature", "jwt", "bearer", "pin", "otp"];

    /// <summary>What was asked. The platform's own headers are shown as sent, the signature too; what looks secret among the endpoint's own is masked.</summary>
    /// <param name="own">The names of the endpoint's own headers.</param>
    public static string Of(HttpRequestMessage request, IReadOnlyDictionary<string, string> own)
    {
        var lines = new StringBuilder(512);
        Add(lines, "host", request.RequestUri!.IdnHost + (request.RequestUri.IsDefaultPort ? "" : $":{request.RequestUri.Port}"));
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content!.Headers.NonValidated))
        {
            Add(lines, name.ToLowerInvariant(), own.ContainsKey(name) && LooksSecret(name) ? Masked : values.ToString());
        }

        return Cut(lines);
    }

    /// <summary>What was answered, as it came.</summary>
    public static string Of(HttpResponseMessage response)
    {
        var lines = new StringBuilder(512);
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            foreach (var value in values)
            {
                Add(lines, name, value);
            }

            if (lines.Length >= Max)
            {
                break;
            }
        }

        return Cut(lines);
    }

    internal static bool LooksSecret(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static void Add(StringBuilder lines, string name, string value) => lines.Append(name).Append(": ").Append(value.Replace('\0', ' ')).Append('\n');

    private static string Cut(StringBuilder lines)
    {
        lines.Length = Math.Min(lines.Length, Max);
        return lines.ToString();
    }
}
