using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Contracts.Protos.Reflection;
using Platform.ServiceDefaults.Grpc.Transcoding;
using Alpha = Platform.Contracts.Protos.ReflectionAlpha;

namespace Platform.ServiceDefaults.Grpc.Standard;

/// <summary><c>grpc.reflection.v1</c> and its elder <c>v1alpha</c>, which is the same on the wire: what this process offers, to everybody.</summary>
internal static class ReflectionService
{
    public static RpcService Create(IServiceProvider services, OpenStreams streams) => Create(ReflectionReflection.Descriptor.Services[0], services, streams);

    public static RpcService CreateAlpha(IServiceProvider services, OpenStreams streams) =>
        Create(Alpha.ReflectionReflection.Descriptor.Services[0], services, streams);

    private static RpcService Create(Google.Protobuf.Reflection.ServiceDescriptor descriptor, IServiceProvider services, OpenStreams streams)
    {
        var files = new Lazy<DescriptorFiles>(() => new([.. GrpcServices.Of(services).Select(s => s.Descriptor)]));
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        return new RpcService(descriptor).Serve("ServerReflectionInfo", (call, _) => streams.RunAsync(() => AnswerAsync(call, files.Value, stopping)));
    }

    private static async Task<GrpcStatus> AnswerAsync(GrpcCall call, DescriptorFiles files, CancellationToken stopping)
    {
        // Whoever asks may think between two questions.
        if (call.Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, stopping);
        await call.StartAsync();
        try
        {
            while (await call.ReadAsync(ServerReflectionRequest.Parser, ending.Token) is ServerReflectionRequest request)
            {
                var answer = files.Answer(request);
                answer.ValidHost = request.Host;
                answer.OriginalRequest = request;
                await call.WriteAsync(answer);
            }

            return GrpcStatus.Ok;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !call.Cancelled.IsCancellationRequested)
        {
            return GrpcStatus.Stopping;
        }
    }
}

/// <summary>Answers out of the descriptors of the services that are offered.</summary>
internal sealed class DescriptorFiles
{
    private readonly IReadOnlyList<string> _services;
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);

    public DescriptorFiles(IReadOnlyList<Google.Protobuf.Reflection.ServiceDescriptor> services)
    {
        _services = [.. services.Select(s => s.FullName).Order(StringComparer.Ordinal)];
        foreach (var service in services)
        {
            Add(service.File);
        }

        // What travels in trailers belongs to no service, and whoever reads them by reflection needs it.
        Add(Contracts.Protos.Rpc.StatusReflection.Descriptor);
        Add(Contracts.Protos.Rpc.ErrorDetailsReflection.Descriptor);
    }

    public ServerReflectionResponse Answer(ServerReflectionRequest request) => request.MessageRequestCase switch
    {
        ServerReflectionRequest.MessageRequestOneofCase.ListServices =>
            new() { ListServicesResponse = new() { Service = { _services.Select(name => new ServiceResponse { Name = name }) } } },
        ServerReflectionRequest.MessageRequestOneofCase.FileByFilename => Files(_files.GetValueOrDefault(request.FileByFilename)),
        ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol => Files(_symbols.GetValueOrDefault(request.FileContainingSymbol)),

        // proto3 without custom options: there are no extensions.
        ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType when _symbols.ContainsKey(request.AllExtensionNumbersOfType) =>
            new() { AllExtensionNumbersResponse = new() { BaseTypeName = request.AllExtensionNumbersOfType } },
        ServerReflectionRequest.MessageRequestOneofCase.None => Error(GrpcCode.InvalidArgument, "The request asks for nothing."),
        _ => NotFound(),
    };

    private static ServerReflectionResponse Files(FileDescriptor? file)
    {
        if (file is null)
        {
            return NotFound();
        }

        var answer = new FileDescriptorResponse();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        void Add(FileDescriptor one)
        {
            if (seen.Add(one.Name))
            {
                answer.FileDescriptorProto.Add(one.SerializedData);
                foreach (var dependency in one.Dependencies)
                {
                    Add(dependency);
                }
            }
        }

        Add(file);
        return new() { FileDescriptorResponse = answer };
    }

    private static ServerReflectionResponse NotFound() => Error(GrpcCode.NotFound, "There is no such symbol, file or extension.");

    private static ServerReflectionResponse Error(GrpcCode code, string message) =>
        new() { ErrorResponse = new() { ErrorCode = (int)code, ErrorMessage = message } };

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var service in file.Services)
        {
            _symbols[service.FullName] = file;
            foreach (var method in service.Methods)
            {
                _symbols[method.FullName] = file;
            }
        }

        foreach (var message in file.MessageTypes)
        {
            Add(message, file);
        }

        foreach (var type in file.EnumTypes)
        {
            _symbols[type.FullName] = file;
        }

        foreach (var dependency in file.Dependencies)
        {
            Add(dependency);
        }
    }

    private void Add(MessageDescriptor message, FileDescriptor file)
    {
        _symbols[message.FullName] = file;
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            _symbols[field.FullName] = file;
        }

        foreach (var type in message.EnumTypes)
        {
            _symbols[type.FullName] = file;
        }

        foreach (var nested in message.NestedTypes)
        {
            Add(nested, file);
        }
    }
}
