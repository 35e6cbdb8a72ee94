using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Peers;

/// <summary>A file that is written while it is sent: it need not fit into memory or onto a disk. It carries the label <c>job</c> with the job's id.</summary>
/// <param name="key">The request's <c>Idempotency-Key</c>.</param>
/// <param name="write">Writes the content; may be called again from the beginning.</param>
internal sealed class StreamedFile(string name, string contentType, JobRun run, string key, Func<Stream, CancellationToken, Task> write)
{
    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Returns the file's id.</summary>
    /// <exception cref="PermanentFaultException">The content is refused: too large, no room.</exception>
    /// <exception cref="ServiceCallException">It broke off, again and again.</exception>
    public async Task<string> StoreAsync(ServiceCalls calls, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Body? body = null;
            try
            {
                body = new Body(write, contentType, cancellationToken);
                var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/files?name={Uri.EscapeDataString(name)}&label=job:{run.Id}", UriKind.Relative)) { Content = body };
                request.Headers.Add("Idempotency-Key", key);
                using var response = await calls.SendOnceAsync("core", run.Caller, request, cancellationToken);
                await PeerAnswers.EnsureAsync(response, $"'{name}' cannot be stored", cancellationToken);
                using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
                return document.RootElement.GetProperty("id").GetString()!;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or ServiceCallException && !cancellationToken.IsCancellationRequested)
            {
                // What the content's own source said is what counts.
                if (body?.Fault is { } fault)
                {
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
                }

                if (attempt == Tries)
                {
                    throw e as ServiceCallException ?? new ServiceCallException($"'{name}' cannot be stored: the upload broke off.", e);
                }

                await Task.Delay(Pause * attempt, run.Claim.Clock, cancellationToken);
            }
        }
    }

    private sealed class Body : HttpContent
    {
        private readonly Func<Stream, CancellationToken, Task> _write;
        private readonly CancellationToken _stopping;

        public Body(Func<Stream, CancellationToken, Task> write, string contentType, CancellationToken stopping)
        {
            (_write, _stopping) = (write, stopping);
            Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        /// <summary>What the content's source threw.</summary>
        public Exception? Fault { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, _stopping);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            try
            {
                await _write(stream, cancellationToken);
            }
            catch (Exception e) when (e is PermanentFaultException or ServiceCallException)
            {
                Fault = e;
                throw;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
