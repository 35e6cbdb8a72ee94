namespace Platform.Eventing.WorkQueues;

/// <summary>Within a queue, those whose work takes turns with others': a tenant, or a part of one.</summary>
internal readonly record struct LaneKey(Guid TenantId, string Lane);
