namespace Fragcast.Transport.Quic;

/// <summary>
/// Where packets go by their destination id: to a <see cref="QuicConnection"/> or to a <see cref="ClosedConnection"/>.
/// One thread.
/// </summary>
internal sealed class CidTable
{
    private readonly Dictionary<CidKey, object> _owners = [];

    /// <summary>Ids in the table.</summary>
    public int Count => _owners.Count;

    /// <summary>The owner of an id; null if nobody is.</summary>
    public object? Find(CidKey cid) => _owners.GetValueOrDefault(cid);

    /// <summary>Gives an id to an owner, whoever had it.</summary>
    public void Set(CidKey cid, object owner) => _owners[cid] = owner;

    /// <summary>Takes an id away from an owner, if it still has it.</summary>
    public void Remove(CidKey cid, object owner)
    {
        if (_owners.TryGetValue(cid, out object? found) && found == owner)
        {
            _owners.Remove(cid);
        }
    }
}
