using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Platform.CoreApi.Files.Objects.S3;

/// <summary>Objects in a bucket, on S3 or on another server that speaks its protocol.</summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private readonly S3Settings _settings;
    private readonly AmazonS3Client _client;
    private readonly AmazonS3Client? _links;

    public S3ObjectStore(S3Settings settings)
    {
        _settings = settings;
        _client = Connect(settings, settings.Endpoint);
        _links = settings.PublicEndpoint is null ? null : Connect(settings, settings.PublicEndpoint);
    }

    public string Name => $"{_settings.Endpoint?.GetLeftPart(UriPartial.Authority) ?? "s3:" + _settings.Region}/{_settings.Bucket}/{_settings.Prefix}";

    public Task WriteAsync(Guid key, Stream content, CancellationToken cancellationToken) =>
        new S3Upload(_client, _settings.Bucket, KeyOf(key)).RunAsync(content, cancellationToken);

    public async Task<Stream?> OpenAsync(Guid key, long offset, long length, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.GetObjectAsync(
                new GetObjectRequest { BucketName = _settings.Bucket, Key = KeyOf(key), ByteRange = new(offset, offset + length - 1) }, cancellationToken);
            return response.ResponseStream;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw S3Faults.Describe(e);
        }
    }

    public async Task DeleteAsync(Guid key, CancellationToken cancellationToken)
    {
        try
        {
            await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _settings.Bucket, Key = KeyOf(key) }, cancellationToken);
            await AbortUploadsAsync(KeyOf(key), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw S3Faults.Describe(e);
        }
    }

    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.HeadBucketAsync(new HeadBucketRequest { BucketName = _settings.Bucket }, cancellationToken);
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return $"The bucket '{_settings.Bucket}' does not exist.";
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            return $"The bucket '{_settings.Bucket}' refuses these credentials.";
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return S3Faults.Describe(e).Message;
        }
    }

    public Uri? Link(Guid key, ObjectLink link)
    {
        if (_links is null)
        {
            return null;
        }

        var url = _links.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = _settings.Bucket, Key = KeyOf(key), Verb = HttpVerb.GET, Expires = link.ExpiresAt.UtcDateTime,
            Protocol = _settings.PublicEndpoint!.Scheme == "http" ? Protocol.HTTP : Protocol.HTTPS,
            ResponseHeaderOverrides = new() { ContentType = link.ContentType, ContentDisposition = link.Disposition },
        });
        return new Uri(url);
    }

    public void Dispose()
    {
        _client.Dispose();
        _links?.Dispose();
    }

    private static AmazonS3Client Connect(S3Settings settings, Uri? endpoint)
    {
        var configuration = new AmazonS3Config
        {
            AuthenticationRegion = settings.Region,
            ForcePathStyle = settings.PathStyle,

            // Checksums in trailers are AWS's own: other servers store the framing or refuse. What arrives is signed over its SHA-256 all the same.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 2,
            Timeout = TimeSpan.FromSeconds(60),
        };
        if (endpoint is null)
        {
            configuration.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(settings.Region);
        }
        else
        {
            configuration.ServiceURL = endpoint.ToString();
            configuration.UseHttp = endpoint.Scheme == "http";
        }

        return settings.AccessKey is null ? new(configuration) : new(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), configuration);
    }

    private string KeyOf(Guid key) => _settings.Prefix + key.ToString("N");

    /// <summary>Parts of an upload that nobody completed cost space and are no object. Not every server can list them: a rule of the bucket can end them too.</summary>
    private async Task AbortUploadsAsync(string key, CancellationToken cancellationToken)
    {
        ListMultipartUploadsResponse uploads;
        try
        {
            uploads = await _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _settings.Bucket, Prefix = key }, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return;
        }

        foreach (var upload in uploads.MultipartUploads ?? [])
        {
            await _client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = _settings.Bucket, Key = upload.Key, UploadId = upload.UploadId }, cancellationToken);
        }
    }
}
