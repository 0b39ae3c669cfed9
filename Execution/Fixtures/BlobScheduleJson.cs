using Fragcast.Execution.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>Blob parameters as test suites and geth's genesis files write them.</summary>
internal static class BlobScheduleJson
{
    /// <summary>Reads the parameters that hold from a time on, in seconds since 1970.</summary>
    public static BlobSchedule Read(JsonField json, ulong start)
    {
        uint max = json["max"].AsUInt32();
        uint target = json["target"].AsUInt32();
        ulong fraction = json["baseFeeUpdateFraction"].AsUInt64();
        if (max == 0 || target > max) throw json.Wrong("has a target above its maximum, or a maximum of zero");
        return fraction == 0
            ? throw json["baseFeeUpdateFraction"].Wrong("is zero")
            : new BlobSchedule(start, target, max, fraction);
    }
}
