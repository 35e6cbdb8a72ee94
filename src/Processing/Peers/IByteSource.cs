namespace Platform.Processing.Peers;

/// <summary>Bytes that can be read from any place on.</summary>
internal interface IByteSource
{
    /// <summary>Fills the buffer from a place on, as far as it goes; 0 at the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}
