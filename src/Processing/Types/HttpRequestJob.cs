using System.Net.Http.Headers;
using System.Text;
using MassTransit;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Outbound;

namespace Platform.Processing.Types;

/// <summary>
/// <c>http.request</c>: one call to an address that the outbound policy allows. Its result is <c>{status, headers, body, truncated}</c>; anything but
/// 2xx is a failure. Redirects are not followed.
/// </summary>
internal sealed class HttpRequestJob(OutboundPolicy policy, TimeProvider clock) : IConsumer<JobRun<HttpRequestPayload>>, IDisposable
{
    public const string Type = "http.request";
    private const int MaxBody = 64 * 1024;
    private const int MaxHeaders = 64;
    private const int MaxErrorBody = 512;
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    // The whole attempt has one timeout, which is the job's.
    private readonly HttpMessageInvoker _http = new(OutboundHttp.CreateHandler(policy));

    public async Task Consume(ConsumeContext<JobRun<HttpRequestPayload>> context)
    {
        var run = context.Message;
        try
        {
            using var request = run.Payload.ToRequest(run.Id);
            using var response = await _http.SendAsync(request, context.CancellationToken);
            var (body, truncated) = await OutboundHttp.ReadHeadAsync(response.Content, MaxBody, context.CancellationToken);
            if (response.IsSuccessStatusCode)
            {
                run.SucceedWith(Describe(response, body, truncated));
            }
            else
            {
                run.Fail($"The answer was {(int)response.StatusCode}: {Printable(body.AsSpan(0, Math.Min(body.Length, MaxErrorBody)))}", RetryAfter(response));
            }
        }
        catch (HttpRequestException e) when (e.InnerException is OutboundBarredException barred)
        {
            run.GiveUp(barred.Message);
        }
        catch (HttpRequestException e)
        {
            run.Fail($"{e.HttpRequestError}: {e.Message}");
        }
        catch (IOException e)
        {
            run.Fail($"The answer broke off: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Describe(HttpResponseMessage response, byte[] body, bool truncated) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("status", (int)response.StatusCode);
        json.WriteStartObject("headers");
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Take(MaxHeaders))
        {
            json.WriteString(name.ToLowerInvariant(), Storable(string.Join(", ", values)));
        }

        json.WriteEndObject();
        if (TryText(body, truncated, out var text))
        {
            json.WriteString("body", text);
        }
        else
        {
            json.WriteBase64String("body_base64", body);
        }

        json.WriteBoolean("truncated", truncated);
        json.WriteEndObject();
    });

    /// <summary>The body as text where it is UTF-8; a character cut in two at the end is left out.</summary>
    private static bool TryText(byte[] body, bool truncated, out string text)
    {
        for (var cut = 0; cut <= (truncated ? 3 : 0) && cut <= body.Length; cut++)
        {
            try
            {
                text = Storable(StrictUtf8.GetString(body, 0, body.Length - cut));
                return true;
            }
            catch (DecoderFallbackException)
            {
                // Not at this length.
            }
        }

        text = "";
        return false;
    }

    private static string Printable(ReadOnlySpan<byte> body) =>
        new([.. Encoding.UTF8.GetString(body).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)]);

    /// <summary>PostgreSQL and readers downstream cannot hold U+0000 or lone surrogates.</summary>
    private static string Storable(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var given = response.Headers.RetryAfter is RetryConditionHeaderValue after
            ? after.Delta ?? after.Date - clock.GetUtcNow()
            : null;
        return given is { } delay ? TimeSpan.FromTicks(Math.Clamp(delay.Ticks, 0, MaxRetryAfter.Ticks)) : null;
    }
}
