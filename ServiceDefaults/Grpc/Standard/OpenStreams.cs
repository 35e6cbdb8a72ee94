namespace Platform.ServiceDefaults.Grpc.Standard;

/// <summary>Counts the streams that need no key, so that nobody can open any number of them.</summary>
internal sealed class OpenStreams(GrpcOptions options)
{
    private int _open;

    /// <exception cref="GrpcException">There are too many.</exception>
    public async Task<GrpcStatus> RunAsync(Func<Task<GrpcStatus>> stream)
    {
        if (Interlocked.Increment(ref _open) > options.MaxOpenStreams)
        {
            Interlocked.Decrement(ref _open);
            throw new GrpcException(GrpcCode.ResourceExhausted, $"More than {options.MaxOpenStreams} streams of this kind are open.");
        }

        try
        {
            return await stream();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
