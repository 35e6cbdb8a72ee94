using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Platform.CoreApi.Files.Objects.S3;

/// <summary>
/// One object on its way into the bucket. What fits into one part is one request; more is a multipart upload, a part at a time, so that an
/// upload holds 8 MiB whatever its length. A part is in memory, so a request that fails can be sent again.
/// </summary>
internal sealed class S3Upload(AmazonS3Client client, string bucket, string key)
{
    /// <summary>S3 takes 5 MiB at least and 10,000 parts at most: 80 GB.</summary>
    public const int PartSize = 8 * 1024 * 1024;

    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(10);

    public async Task RunAsync(Stream content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PartSize);
        try
        {
            var first = await FillAsync(content, buffer, cancellationToken);
            if (first < PartSize)
            {
                await AskAsync(() => client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = bucket, Key = key, InputStream = new MemoryStream(buffer, 0, first), AutoCloseStream = true, UseChunkEncoding = false,
                    }, cancellationToken), cancellationToken);
                return;
            }

            await RunInPartsAsync(content, buffer, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task RunInPartsAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        var upload = await AskAsync(
            () => client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket, Key = key }, cancellationToken), cancellationToken);
        var completed = false;
        try
        {
            var parts = new List<PartETag>();
            for (var length = PartSize; length > 0; length = await FillAsync(content, buffer, cancellationToken))
            {
                var (number, size) = (parts.Count + 1, length);
                var part = await AskAsync(() => client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = bucket, Key = key, UploadId = upload.UploadId, PartNumber = number, PartSize = size,
                        InputStream = new MemoryStream(buffer, 0, size), UseChunkEncoding = false,
                    }, cancellationToken), cancellationToken);
                parts.Add(new(number, part.ETag));
                if (length < PartSize)
                {
                    break;
                }
            }

            await AskAsync(() => client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload.UploadId, PartETags = parts }, cancellationToken), cancellationToken);
            completed = true;
        }
        finally
        {
            if (!completed)
            {
                await TryAbortAsync(upload.UploadId);
            }
        }
    }

    /// <summary>Also when the caller has gone; what cannot be aborted now is when its removal is due.</summary>
    private async Task TryAbortAsync(string uploadId)
    {
        try
        {
            using var patience = new CancellationTokenSource(AbortPatience);
            await client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = uploadId }, patience.Token);
        }
        catch (Exception)
        {
            // The failure that led here is the one to tell.
        }
    }

    private static async Task<int> FillAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        return await content.ReadAtLeastAsync(buffer.AsMemory(0, PartSize), PartSize, throwOnEndOfStream: false, cancellationToken);
    }

    /// <summary>What the store does wrong is told apart from what the content throws.</summary>
    private static async Task<T> AskAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw S3Faults.Describe(e);
        }
    }
}
