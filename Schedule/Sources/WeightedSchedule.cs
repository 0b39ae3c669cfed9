using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>A sequencer with its weight.</summary>
/// <param name="Sequencer">The signing address.</param>
/// <param name="Amount">The weight in any unit, above 0; all of them together stay below 2^63.</param>
public readonly record struct Stake(Address Sequencer, ulong Amount);

/// <summary>The numbers of a weighted schedule.</summary>
/// <param name="FirstBlock">Number of the first block.</param>
/// <param name="BlocksPerTurn">Blocks that a drawn leader has in a row; at least 1.</param>
/// <param name="TurnsPerEpoch">Turns that are drawn from one seed; at least 1.</param>
public readonly record struct WeightedTurns(ulong FirstBlock, ulong BlocksPerTurn, ulong TurnsPerEpoch);

/// <summary>
/// Draws the leader of each turn in proportion to the stakes, from the public seed of the turn's epoch. Exact on every
/// machine: integers and SHA-256 only. The algorithm stands in docs/protocol.md.
/// </summary>
public sealed class WeightedSchedule : ILeaderSchedule
{
    private static readonly byte[] Domain = "fragcast-leader-v1"u8.ToArray();

    // Ascending by address, so that the order in which an operator lists them changes nothing.
    private readonly Address[] _sequencers;
    private readonly ulong[] _stakesUpTo;
    private readonly EpochSeeds _seeds;
    private readonly WeightedTurns _turns;

    /// <summary>Makes the schedule.</summary>
    /// <param name="stakes">Who may be drawn, in any order; none twice.</param>
    /// <param name="seeds">The seeds.</param>
    /// <param name="turns">The numbers.</param>
    /// <exception cref="ScheduleException">Something of it cannot be used.</exception>
    public WeightedSchedule(IReadOnlyCollection<Stake> stakes, EpochSeeds seeds, WeightedTurns turns)
    {
        if (turns.BlocksPerTurn == 0)
        {
            throw new ScheduleException("a sequencer's turn must last at least one block");
        }

        if (turns.TurnsPerEpoch == 0 || (UInt128)turns.BlocksPerTurn * turns.TurnsPerEpoch > ulong.MaxValue)
        {
            throw new ScheduleException("an epoch must have at least one turn and fewer than 2^64 blocks");
        }

        Stake[] ordered = [.. stakes.OrderBy(stake => stake.Sequencer)];
        _sequencers = SequencerList.Check(ordered.Select(stake => stake.Sequencer).ToArray());
        _stakesUpTo = new ulong[ordered.Length];
        ulong sum = 0;
        for (int i = 0; i < ordered.Length; i++)
        {
            ulong amount = ordered[i].Amount;
            if (amount == 0 || amount > long.MaxValue - sum)
            {
                throw new ScheduleException($"the stake of {ordered[i].Sequencer} is 0, or all together pass 2^63 - 1");
            }

            sum += amount;
            _stakesUpTo[i] = sum;
        }

        _seeds = seeds;
        _turns = turns;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<Address> Sequencers => _sequencers;

    /// <inheritdoc/>
    public LeaderLookup LeaderOf(ulong blockNumber, out Address leader)
    {
        leader = default;
        if (blockNumber < _turns.FirstBlock)
        {
            return LeaderLookup.BeforeSchedule;
        }

        ulong turn = (blockNumber - _turns.FirstBlock) / _turns.BlocksPerTurn;
        (ulong epoch, ulong turnInEpoch) = Math.DivRem(turn, _turns.TurnsPerEpoch);
        if (!_seeds.TryGet(epoch, out Hash256 seed))
        {
            return LeaderLookup.NotYetKnown;
        }

        leader = _sequencers[Draw(seed, turnInEpoch)];
        return LeaderLookup.Known;
    }

    private int Draw(in Hash256 seed, ulong turnInEpoch)
    {
        ulong total = _stakesUpTo[^1];
        // Numbers from here on are drawn again, since they would favour the first sequencers: 2^64 mod total.
        ulong surplus = (ulong.MaxValue % total) + 1;
        ulong lastFair = surplus == total ? ulong.MaxValue : ulong.MaxValue - surplus;
        Span<byte> text = stackalloc byte[Domain.Length + Hash256.Size + sizeof(ulong) + sizeof(uint)];
        Domain.CopyTo(text);
        seed.CopyTo(text[Domain.Length..]);
        BinaryPrimitives.WriteUInt64LittleEndian(text[(Domain.Length + Hash256.Size)..], turnInEpoch);
        Span<byte> digest = stackalloc byte[Hash256.Size];
        ulong drawn;
        // At most every second number is drawn again, so the loop ends.
        uint attempt = 0;
        do
        {
            BinaryPrimitives.WriteUInt32LittleEndian(text[^sizeof(uint)..], attempt++);
            SHA256.HashData(text, digest);
            drawn = BinaryPrimitives.ReadUInt64LittleEndian(digest);
        }
        while (drawn > lastFair);

        int place = Array.BinarySearch(_stakesUpTo, (drawn % total) + 1);
        return place >= 0 ? place : ~place;
    }
}
