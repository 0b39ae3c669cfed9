using System.Globalization;
using System.Text.Json;
using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>
/// Reads a schedule from JSON, the form of the watched file. The members of each kind stand in docs/protocol.md; an
/// unknown member is refused, because a typing error must not be read as a default.
/// </summary>
public static class ScheduleJson
{
    /// <summary>Longest text: 16,384 ranges of about 120 bytes, twice.</summary>
    public const int LengthMax = 4 * 1024 * 1024;

    /// <summary>Reads a schedule.</summary>
    /// <param name="utf8">The text.</param>
    /// <exception cref="ScheduleException">It is no schedule; the message says why in one line.</exception>
    public static ILeaderSchedule Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > LengthMax)
        {
            throw new ScheduleException($"the schedule is longer than {LengthMax} bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(new Members(document.RootElement, "the schedule"));
        }
        catch (JsonException error)
        {
            throw new ScheduleException($"the schedule is not JSON: {error.Message.ReplaceLineEndings(" ")}");
        }
        catch (InvalidOperationException)
        {
            // What System.Text.Json throws for bytes in a string that are not UTF-8, and for lone surrogates.
            throw new ScheduleException("the schedule has a string that is not Unicode");
        }
    }

    private static ILeaderSchedule Read(Members members)
    {
        string source = members.Text("source");
        ILeaderSchedule schedule = source switch
        {
            "round-robin" => new RoundRobinSchedule(
                members.Addresses("sequencers"), members.Number("firstBlock", 0), members.Number("blocksPerTurn", 1)),
            "time" => new TimeSlotSchedule(
                members.Addresses("sequencers"),
                new SlotClock(
                    members.Milliseconds("genesisTimeMs"), members.Number("firstBlock", 0),
                    members.Milliseconds("blockTimeMs")),
                members.Milliseconds("slotMs")),
            "weighted" => new WeightedSchedule(
                members.Stakes("stakes"), members.Seeds(),
                new WeightedTurns(
                    members.Number("firstBlock", 0), members.Number("blocksPerTurn", 1),
                    members.Number("turnsPerEpoch"))),
            "table" => new TableSchedule(members.Ranges("leaders")),
            _ => throw new ScheduleException(
                $"the schedule's source '{source}' is none of round-robin, time, weighted, table"),
        };
        members.RefuseOthers();
        return schedule;
    }

    /// <summary>The members of an object; remembers which were asked for.</summary>
    private sealed class Members
    {
        private const long NsPerMillisecond = 1_000_000;

        private readonly Dictionary<string, JsonElement> _members = [];
        private readonly string _what;

        public Members(JsonElement element, string what)
        {
            _what = what;
            if (element.ValueKind != JsonValueKind.Object)
            {
                throw new ScheduleException($"{what} is not a JSON object");
            }

            foreach (JsonProperty member in element.EnumerateObject())
            {
                if (!_members.TryAdd(member.Name, member.Value))
                {
                    throw new ScheduleException($"{what} has '{member.Name}' twice");
                }
            }
        }

        public void RefuseOthers()
        {
            foreach (string name in _members.Keys)
            {
                throw new ScheduleException($"{_what} has a member '{name}' that does not belong there");
            }
        }

        public string Text(string name) =>
            Take(name) is { ValueKind: JsonValueKind.String } value
                ? value.GetString()!
                : throw new ScheduleException($"{_what} needs '{name}', a string");

        public ulong Number(string name, ulong? otherwise = null)
        {
            JsonElement? value = Take(name);
            if (value is null && otherwise is { } number)
            {
                return number;
            }

            return value is { ValueKind: JsonValueKind.Number } given && given.TryGetUInt64(out ulong found)
                ? found
                : throw new ScheduleException($"{_what} needs '{name}', a whole number from 0 to 2^64 - 1");
        }

        public long Milliseconds(string name)
        {
            ulong milliseconds = Number(name);
            return milliseconds <= long.MaxValue / NsPerMillisecond
                ? (long)milliseconds * NsPerMillisecond
                : throw new ScheduleException($"{_what} has a '{name}' that is too great");
        }

        public Address Address(string name) =>
            Primitives.Address.TryParse(Text(name), out Address address)
                ? address
                : throw new ScheduleException($"{_what} has a '{name}' that is not an address of 20 bytes in hex");

        public Address[] Addresses(string name) => [.. List(name).Select(item =>
            item.ValueKind == JsonValueKind.String && Primitives.Address.TryParse(item.GetString(), out Address address)
                ? address
                : throw new ScheduleException(
                    $"{_what} has something among '{name}' that is not an address of 20 bytes in hex"))];

        public Stake[] Stakes(string name) => [.. Objects(name).Select(item =>
        {
            var stake = new Stake(item.Address("address"), item.Number("stake"));
            item.RefuseOthers();
            return stake;
        })];

        public LeaderRange[] Ranges(string name) => [.. Objects(name).Select(item =>
        {
            var range = new LeaderRange(item.Number("from"), item.Number("to"), item.Address("address"));
            item.RefuseOthers();
            return range;
        })];

        public EpochSeeds Seeds()
        {
            if (Take("seeds") is not { } listed)
            {
                return EpochSeeds.Derived(Hash("seed", Text("seed")));
            }

            if (listed.ValueKind != JsonValueKind.Object)
            {
                throw new ScheduleException($"{_what} needs 'seeds', an object of seeds by epoch");
            }

            var seeds = new Dictionary<ulong, Hash256>();
            foreach (JsonProperty seed in listed.EnumerateObject())
            {
                if (!ulong.TryParse(seed.Name, NumberStyles.None, CultureInfo.InvariantCulture, out ulong epoch)
                    || seed.Value.ValueKind != JsonValueKind.String)
                {
                    throw new ScheduleException($"{_what} has a seed '{seed.Name}' that is not \"EPOCH\": \"0x…\"");
                }

                if (!seeds.TryAdd(epoch, Hash("seeds", seed.Value.GetString()!)))
                {
                    throw new ScheduleException($"{_what} has the seed of epoch {epoch} twice");
                }
            }

            return EpochSeeds.Listed(seeds);
        }

        private Hash256 Hash(string name, string text) =>
            Hash256.TryParse(text, out Hash256 hash)
                ? hash
                : throw new ScheduleException($"{_what} has a '{name}' that is not 32 bytes in hex");

        private IEnumerable<Members> Objects(string name) =>
            List(name).Select(item => new Members(item, $"an entry of '{name}'"));

        private JsonElement.ArrayEnumerator List(string name) =>
            Take(name) is { ValueKind: JsonValueKind.Array } list
                ? list.EnumerateArray()
                : throw new ScheduleException($"{_what} needs '{name}', a list");

        private JsonElement? Take(string name) => _members.Remove(name, out JsonElement value) ? value : null;
    }
}
