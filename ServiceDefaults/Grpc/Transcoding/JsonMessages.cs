using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>Documents of REST as messages, for streams that make their own.</summary>
public static class JsonMessages
{
    /// <summary>Takes what the message has fields for; anything else, and what is of another kind, is passed over.</summary>
    /// <param name="utf8">A JSON object.</param>
    public static IMessage Read(MessageDescriptor descriptor, ReadOnlySpan<byte> utf8) => JsonProto.Read(MessageShape.Of(descriptor), utf8);
}
