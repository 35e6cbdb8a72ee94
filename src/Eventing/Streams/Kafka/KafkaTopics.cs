using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Platform.Contracts.Events;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>Makes missing topics as they are declared; what is there already is looked at and reported, never altered.</summary>
internal sealed partial class KafkaTopics(IAdminClient admin, ILogger logger)
{
    /// <summary>Largest record of a topic, bytes: a document of the API's largest body with its envelope, and room to grow.</summary>
    public const int MaxRecordBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="KafkaTopicException">A topic has fewer partitions than declared, or cannot be made.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    public async Task PrepareAsync(IReadOnlyList<Topic> topics)
    {
        var metadata = admin.GetMetadata(Patience);
        var existing = metadata.Topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Topic, t => t.Partitions.Count, StringComparer.Ordinal);
        var missing = topics.Where(t => !existing.ContainsKey(t.Name)).ToArray();
        if (missing.Length > 0)
        {
            await CreateAsync(missing, replicas: (short)Math.Min(3, metadata.Brokers.Count));
        }

        var found = topics.Where(t => existing.ContainsKey(t.Name)).ToArray();
        CheckPartitions(found, existing);

        // Only to be reported: nothing waits for it.
        _ = ReportSettingsAsync(found);
    }

    private async Task CreateAsync(Topic[] topics, short replicas)
    {
        try
        {
            await admin.CreateTopicsAsync(topics.Select(t => new TopicSpecification
            {
                Name = t.Name,
                NumPartitions = t.Partitions,
                ReplicationFactor = replicas,
                Configs = Settings(t, replicas),
            }), new() { OperationTimeout = Patience, RequestTimeout = Patience });
            LogCreated(string.Join(", ", topics.Select(t => t.Name)), replicas);
        }
        catch (CreateTopicsException e) when (e.Results.All(r => !r.Error.IsError || r.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Another instance was first.
        }
        catch (CreateTopicsException e)
        {
            var failed = e.Results.First(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists);
            throw new KafkaTopicException($"Kafka topic '{failed.Topic}' cannot be made: {failed.Error.Reason}");
        }
    }

    /// <summary>A key's partition is computed before the broker is asked, from the declared number: fewer would lose events, more stay empty.</summary>
    private void CheckPartitions(Topic[] found, Dictionary<string, int> partitions)
    {
        foreach (var topic in found)
        {
            var there = partitions[topic.Name];
            if (there < topic.Partitions)
            {
                throw new KafkaTopicException(
                    $"Kafka topic '{topic.Name}' has {there} partitions and needs {topic.Partitions}: add partitions while nothing has been written, or name another cluster.");
            }

            if (there > topic.Partitions)
            {
                LogSetting(topic.Name, "partitions", there.ToString(System.Globalization.CultureInfo.InvariantCulture), topic.Partitions.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    private async Task ReportSettingsAsync(Topic[] found)
    {
        if (found.Length == 0)
        {
            return;
        }

        List<DescribeConfigsResult> described;
        try
        {
            described = await admin.DescribeConfigsAsync(
                found.Select(t => new ConfigResource { Type = ResourceType.Topic, Name = t.Name }), new() { RequestTimeout = Patience });
        }
        catch (Exception e)
        {
            LogNotDescribed(e.Message);
            return;
        }

        foreach (var result in described)
        {
            var topic = found.First(t => t.Name == result.ConfigResource.Name);
            foreach (var (name, wanted) in Settings(topic, replicas: 1))
            {
                // More is fine; less breaks what is promised.
                if (result.Entries.TryGetValue(name, out var entry) && entry.Value != wanted
                    && !(long.TryParse(entry.Value, out var is1) && long.TryParse(wanted, out var want) && (is1 >= want || is1 == -1)))
                {
                    LogSetting(topic.Name, name, entry.Value, wanted);
                }
            }
        }
    }

    private static Dictionary<string, string> Settings(Topic topic, short replicas)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = ((long)topic.Retention.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["max.message.bytes"] = MaxRecordBytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (replicas >= 3)
        {
            // One replica may be away and an acknowledged event is still on two disks.
            settings["min.insync.replicas"] = "2";
        }

        return settings;
    }

    [LoggerMessage(1301, LogLevel.Information, "Made the Kafka topics {Topics} with {Replicas} replicas")]
    private partial void LogCreated(string topics, short replicas);

    [LoggerMessage(1302, LogLevel.Warning, "Kafka topic {Topic} has {Setting}={Actual}, declared is {Declared}; it is left as it is")]
    private partial void LogSetting(string topic, string setting, string actual, string declared);

    [LoggerMessage(1303, LogLevel.Information, "The settings of the Kafka topics could not be read: {Reason}")]
    private partial void LogNotDescribed(string reason);
}

/// <summary>A Kafka topic is not as it must be; the message is fit for one line on stderr.</summary>
public sealed class KafkaTopicException(string message) : StreamConfigurationException(message);
