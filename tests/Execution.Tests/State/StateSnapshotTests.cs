using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Tests.State;

public sealed class StateSnapshotTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fragcast-test-");

    private string FileName => Path.Combine(_folder.FullName, "state.snapshot");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(400)]
    public void Read_OfWhatWasWritten_IsTheSame(int accounts)
    {
        MemoryStateSource state = RandomState(accounts);
        BlockHeader header = HeaderOf(state);
        StateSnapshot.Write(FileName, header, state);
        StateSnapshot read = StateSnapshot.Read(FileName);
        Assert.Equal(header, read.Header);
        Assert.Equal(header.StateRoot, read.Trie.Root);
        AssertSame(state, read.State);
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public void Read_OfAFileWithAByteChanged_IsRefused()
    {
        MemoryStateSource state = RandomState(4);
        StateSnapshot.Write(FileName, HeaderOf(state), state);
        byte[] bytes = File.ReadAllBytes(FileName);
        for (int i = 0; i < bytes.Length; i += i < SnapshotLayout.HeadLength ? 1 : 5)
        {
            bytes[i] ^= (byte)(1 << (i % 8));
            AssertRefused(bytes);
            bytes[i] ^= (byte)(1 << (i % 8));
        }
    }

    [Fact]
    public void Read_OfAFileOfAnyOtherLength_IsRefused()
    {
        MemoryStateSource state = RandomState(3);
        StateSnapshot.Write(FileName, HeaderOf(state), state);
        byte[] bytes = File.ReadAllBytes(FileName);
        for (int length = 0; length < bytes.Length; length += 29) AssertRefused(bytes[..length]);
        AssertRefused([.. bytes, 0]);
    }

    [Fact]
    public void Read_OfAStateWithAnotherRoot_IsRefused()
    {
        MemoryStateSource state = RandomState(3);
        BlockHeader header = HeaderOf(state);
        state.SetAccount(Address.FromUInt256(1), 1);
        StateSnapshot.Write(FileName, header, state);
        var error = Assert.Throws<SnapshotException>(() => StateSnapshot.Read(FileName));
        Assert.Contains("state root", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfAMissingFile_NamesIt()
    {
        var error = Assert.Throws<SnapshotException>(() => StateSnapshot.Read(FileName));
        Assert.Contains("state.snapshot", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ToAMissingFolder_NamesTheFile()
    {
        MemoryStateSource state = RandomState(1);
        string path = Path.Combine(_folder.FullName, "missing", "state.snapshot");
        Assert.Throws<SnapshotException>(() => StateSnapshot.Write(path, HeaderOf(state), state));
    }

    [Theory]
    [InlineData(Fork.Shanghai)]
    [InlineData(Fork.Cancun)]
    public void Apply_BlockByBlock_KeepsTheStateWhole(Fork fork)
    {
        MemoryStateSource flat = RandomState(50);
        var trie = StateSnapshot.BuildTrie(flat);
        var state = new JournaledState(trie);
        var random = new Random(7);
        Address[] addresses = [.. flat.Accounts, Address.FromUInt256(1), Address.FromUInt256(2)];
        for (int block = 0; block < 20; block++)
        {
            for (int i = 0; i < 10; i++) ChangeSomething(state, addresses[random.Next(addresses.Length)], random, fork);
            trie.Update(state);
            flat.Apply(state, fork);
            state.CommitBlock();
            trie.CommitBlock();
            Assert.Equal(trie.Root, StateSnapshot.BuildTrie(flat).Root);
        }
    }

    private static void ChangeSomething(JournaledState state, in Address address, Random random, Fork fork)
    {
        state.BeginTransaction();
        int account = state.Account(address);
        state.SetBalance(account, (ulong)random.Next(1, 1000));
        state.SetSlot(state.Slot(account, (ulong)random.Next(6)), (ulong)random.Next(3));
        if (random.Next(3) == 0) state.SetCode(account, [0x60, (byte)random.Next(256)]);
        if (random.Next(4) == 0 && fork < Fork.Cancun) state.SelfDestruct(account);
        state.EndTransaction();
    }

    private static MemoryStateSource RandomState(int accounts)
    {
        var state = new MemoryStateSource();
        var random = new Random(accounts);
        for (int i = 0; i < accounts; i++)
        {
            Address address = Address.FromBytes(Keccak256.Hash([(byte)i, (byte)(i >> 8)]).Bytes[..20]);
            byte[] code = new byte[i % 3 == 0 ? random.Next(1, 200) : 0];
            random.NextBytes(code);
            state.SetAccount(address, new UInt256((ulong)random.NextInt64(), (ulong)(i % 2)), (ulong)(i * i), code);
            for (ulong slot = 0; slot < (ulong)i % 5; slot++)
                state.SetStorage(address, new UInt256(slot, 0, 0, slot % 2), (ulong)random.NextInt64() + 1);
        }

        return state;
    }

    private static BlockHeader HeaderOf(MemoryStateSource state) =>
        new() { Number = 5, StateRoot = StateSnapshot.BuildTrie(state).Root, ExtraData = new byte[] { 1, 2, 3 } };

    private static void AssertSame(MemoryStateSource expected, MemoryStateSource actual)
    {
        Assert.Equal(expected.Accounts.Order(), actual.Accounts.Order());
        Assert.Equal(expected.Storage.Count, actual.Storage.Count);
        foreach (Address address in expected.Accounts)
        {
            expected.TryGetAccount(address, out AccountData a);
            actual.TryGetAccount(address, out AccountData b);
            Assert.Equal((a.Balance, a.Nonce, a.CodeHash), (b.Balance, b.Nonce, b.CodeHash));
            if (a.CodeHash != Keccak256.EmptyString)
                Assert.Equal(expected.GetCode(a.CodeHash).ToArray(), actual.GetCode(a.CodeHash).ToArray());
        }

        foreach (((Address address, UInt256 key), UInt256 value) in expected.Storage)
            Assert.Equal(value, actual.GetStorage(address, key));
    }

    private void AssertRefused(byte[] bytes)
    {
        File.WriteAllBytes(FileName, bytes);
        Assert.Throws<SnapshotException>(() => StateSnapshot.Read(FileName));
    }
}
