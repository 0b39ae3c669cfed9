namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// The stack of a trace as the compiler knows it. Slots are numbered from the top at the trace's start, which is slot
/// 0; lower words are negative. A slot without an entry holds, in memory, what it held at the start.
/// </summary>
internal sealed class SymbolicStack
{
    private readonly SortedDictionary<int, Word> _words = [];

    /// <summary>The slot of the top word.</summary>
    public int Top { get; private set; }

    /// <summary>Slots whose value is not, or not only, what memory held at the start, the lowest first.</summary>
    public IEnumerable<KeyValuePair<int, Word>> Entries => _words;

    public Word At(int slot)
    {
        if (!_words.TryGetValue(slot, out var word))
        {
            _words[slot] = word = Word.InSlot(slot);
        }

        return word;
    }

    /// <summary>The word that many places below the top.</summary>
    public Word Peek(int depth) => At(Top - depth);

    public void Push(Word word) => _words[++Top] = word;

    public Word Pop()
    {
        var word = At(Top);
        _words.Remove(Top--);
        return word;
    }

    public void Drop(int count)
    {
        for (; count > 0; count--)
        {
            _words.Remove(Top--);
        }
    }

    /// <summary>Exchanges the top with the word that many places below it.</summary>
    public void Swap(int depth)
    {
        var (top, other) = (Peek(0), Peek(depth));
        _words[Top] = other;
        _words[Top - depth] = top;
    }

    public void Set(int slot, Word word) => _words[slot] = word;

    /// <summary>Puts another description of a value in its place, wherever it stands.</summary>
    public void Replace(Word old, Word word)
    {
        foreach (var slot in SlotsOf(w => ReferenceEquals(w, old)))
        {
            _words[slot] = word;
        }
    }

    /// <summary>Slots whose words meet a condition.</summary>
    public int[] SlotsOf(Func<Word, bool> condition) =>
        [.. _words.Where(entry => condition(entry.Value)).Select(static entry => entry.Key)];

    public SymbolicStack Clone()
    {
        var clone = new SymbolicStack { Top = Top };
        foreach (var (slot, word) in _words)
        {
            clone._words[slot] = word;
        }

        return clone;
    }
}
