using Amazon.Runtime;

namespace Platform.CoreApi.Files.Objects.S3;

/// <summary>What an S3 server, or the way to it, can do wrong, as one line.</summary>
internal static class S3Faults
{
    public static ObjectStoreException Describe(Exception e) => e switch
    {
        ObjectStoreException known => known,
        AmazonServiceException answer when (int)answer.StatusCode >= 100 => new($"S3 answered {(int)answer.StatusCode} {answer.ErrorCode}: {answer.Message}", e),
        OperationCanceledException or TimeoutException => new("S3 did not answer in time.", e),
        _ => new("S3 cannot be reached: " + Innermost(e).Message, e),
    };

    private static Exception Innermost(Exception e) => e.InnerException is null ? e : Innermost(e.InnerException);
}
