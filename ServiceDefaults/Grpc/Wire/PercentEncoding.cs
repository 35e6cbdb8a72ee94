using System.Text;

namespace Platform.ServiceDefaults.Grpc.Wire;

/// <summary>How <c>grpc-message</c> carries any text: UTF-8, with all but printable ASCII, and the percent sign, as <c>%XX</c>.</summary>
internal static class PercentEncoding
{
    private const int MaxBytes = 1024;

    public static string Encode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var result = new StringBuilder(bytes.Length);
        for (var i = 0; i < Math.Min(bytes.Length, MaxBytes); i++)
        {
            if (bytes[i] is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                result.Append((char)bytes[i]);
            }
            else
            {
                result.Append('%').Append(bytes[i].ToString("X2"));
            }
        }

        return result.ToString();
    }
}
