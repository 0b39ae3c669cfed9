
namespace Fragcast.Execution.Evm.Compilation;

/// <summary>What the compiler knows at a point of a trace, and operations that keep that knowledge true.</summary>
internal sealed class TraceState(IlWriter il)
{
    public SymbolicStack Stack { get; private init; } = new();

    /// <summary>Bytes that memory has at least.</summary>
    public ulong MemoryMin { get; set; }

    /// <summary>Words that were checked to lie on the stack at the trace's start, at least.</summary>
    public int CheckedDepth { get; set; }

    /// <summary>Words that were checked to fit above the top at the trace's start; -1 before the first check.</summary>
    public int CheckedRoom { get; set; } = -1;

    public TraceState Clone() => new(il)
    {
        Stack = Stack.Clone(),
        MemoryMin = MemoryMin,
        CheckedDepth = CheckedDepth,
        CheckedRoom = CheckedRoom,
    };

    /// <summary>The word with all limbs as constants or in variables.</summary>
    public Word Own(Word word)
    {
        if (!word.IsInSlots)
        {
            return word;
        }

        var owned = new Word(il.Own(word[0]), il.Own(word[1]), il.Own(word[2]), il.Own(word[3]), word.Home);
        Stack.Replace(word, owned);
        return owned;
    }

    public Word PopOwned() => Own(Stack.Pop());

    /// <summary>Saves what else depends on the memory of a slot, which is to be written.</summary>
    public void Vacate(int slot)
    {
        foreach (var other in Stack.SlotsOf(word => word.Home == slot))
        {
            if (other == slot)
            {
                continue;
            }

            var word = Stack.At(other);
            if (word.Home == slot)
            {
                var owned = Own(word);
                Stack.Replace(owned, owned.At(Word.Nowhere));
            }
        }
    }

    /// <summary>Makes the memory of a slot hold the slot's value.</summary>
    public void Settle(int slot)
    {
        var word = Stack.At(slot);
        if (word.Home == slot)
        {
            return;
        }

        Vacate(slot);
        Write(slot);
    }

    /// <summary>Makes the stack's memory hold the whole stack.</summary>
    public void SettleAll()
    {
        var slots = Stack.Entries.Where(static entry => entry.Value.Home != entry.Key)
            .Select(static entry => entry.Key).ToArray();
        foreach (var slot in slots)
        {
            Vacate(slot);
        }

        foreach (var slot in slots)
        {
            Write(slot);
        }
    }

    /// <summary>
    /// Makes memory hold each of the top words, wherever: afterwards each has a home.
    /// </summary>
    public void SettleSomewhere(int count)
    {
        // Settling one may take the home of another, which then settles in its own slot and stays.
        for (var pass = 0; pass < count; pass++)
        {
            for (var depth = 0; depth < count; depth++)
            {
                if (Stack.Peek(depth).Home == Word.Nowhere)
                {
                    Settle(Stack.Top - depth);
                }
            }
        }
    }

    private void Write(int slot)
    {
        var word = Stack.At(slot);
        Span<Limb> limbs = [word[0], word[1], word[2], word[3]];
        for (var i = 0; i < limbs.Length; i++)
        {
            il.StoreLimb(slot, i, limbs[i]);
            limbs[i] = limbs[i].Kind == LimbKind.Slot ? Limb.InSlot(slot, i, limbs[i].Max) : limbs[i];
        }

        Stack.Set(slot, new Word(limbs, slot) { IsDestination = word.IsDestination });
    }
}
