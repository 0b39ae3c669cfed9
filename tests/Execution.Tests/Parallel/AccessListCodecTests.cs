using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Parallel;

/// <summary>The encoding has one form for each list, and the decoder takes nothing else.</summary>
public class AccessListCodecTests
{
    private const string One = "0x0000000000000000000000000000000000000001";
    private const string Two = "0x0000000000000000000000000000000000000002";

    [Fact]
    public void Encode_SmallList_HasItsBytes()
    {
        // Two transactions of 300,000 gas; account 1 has its code read by the second: one passed over, access 16.
        // Slot 5 is written.
        const string address = "940000000000000000000000000000000000000001";
        const string slots = "c3c20505";
        Assert.Equal(
            "e102830493e0dbda" + address + "50" + slots,
            Convert.ToHexStringLower(AccessListCodec.Encode(Small(hasValue: false))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryDecode_Encoded_IsTheList(bool hasValue)
    {
        byte[] bytes = AccessListCodec.Encode(Small(hasValue));
        Assert.Equal(AccessListError.None, AccessListCodec.TryDecode(bytes, out FragAccessList? list));
        Assert.Equal(bytes, AccessListCodec.Encode(list!));
        Assert.Equal(hasValue ? 1 : 0, list!.Values.Length);
    }

    public static TheoryData<string, AccessListError> BadLists() => new()
    {
        { "count", AccessListError.BadTransactionCount },
        { "order", AccessListError.NotSorted },
        { "slot order", AccessListError.NotSorted },
        { "no uses", AccessListError.NoUses },
        { "no slot uses", AccessListError.NoUses },
        { "range", AccessListError.TransactionOutOfRange },
        { "nonce", AccessListError.BadUse },
        { "slot alone", AccessListError.SlotWithoutAccount },
    };

    [Theory]
    [MemberData(nameof(BadLists))]
    public void TryDecode_BadList_SaysWhy(string what, AccessListError expected)
    {
        var editor = new ListEditor(Small(hasValue: true));
        AccountDraft account = editor.Accounts[0];
        switch (what)
        {
            case "count": editor.TransactionCount = FragAccessList.TransactionsMax + 1; break;
            case "order": editor.Accounts.Add(account with { Address = Address.Parse(One) }); break;
            case "slot order": account.Slots.Add(account.Slots[0]); break;
            case "no uses": account.Uses.Clear(); break;
            case "no slot uses": account.Slots[0].Uses.Clear(); break;
            case "range": account.Uses.Add(new AccountUse(2, AccountAccess.None)); break;
            case "nonce": account.Uses[0] = new AccountUse(1, AccountAccess.NonceWrite); break;
            case "slot alone": account.Uses[0] = new AccountUse(0, AccountAccess.None); break;
        }

        Assert.Equal(expected, AccessListCodec.TryDecode(AccessListCodec.Encode(editor.Build()), out _));
    }

    [Fact]
    public void TryDecode_TooManyBytes_IsRefused() =>
        Assert.Equal(
            AccessListError.TooLong, AccessListCodec.TryDecode(new byte[AccessListCodec.BytesMax + 1], out _));

    [Theory]
    [InlineData("c20180")]
    [InlineData("c3018080")]
    [InlineData("")]
    [InlineData("c201c000")]
    public void TryDecode_OtherRlp_IsMalformed(string hex) =>
        Assert.Equal(AccessListError.Malformed, AccessListCodec.TryDecode(Convert.FromHexString(hex), out _));

    [Fact]
    public void TryDecode_MutatedBytes_GivesAListOfThatFormOrAnError()
    {
        var random = new Random(5);
        byte[] good = AccessListCodec.Encode(Large(random));
        int lists = 0;
        for (int trial = 0; trial < 20_000; trial++)
        {
            byte[] bytes = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            AccessListError error = AccessListCodec.TryDecode(bytes, out FragAccessList? list);
            Assert.Equal(error == AccessListError.None, list is not null);
            if (list is null) continue;
            lists++;
            Assert.Equal(bytes, AccessListCodec.Encode(list));

            // What is well-formed can be scheduled.
            new FragSchedule().Build(list, 0, list.TransactionCount, [Address.Parse(Two)]);
        }

        Assert.InRange(lists, 100, 20_000);
    }

    [Fact]
    public void TryDecode_RandomBytes_IsTotal()
    {
        var random = new Random(6);
        for (int trial = 0; trial < 20_000; trial++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && random.Next(2) == 0) bytes[0] = (byte)(0xc0 + bytes.Length - 1);
            AccessListError error = AccessListCodec.TryDecode(bytes, out FragAccessList? list);
            Assert.Equal(error == AccessListError.None, list is not null);
        }
    }

    private static FragAccessList Small(bool hasValue) => new(
        2,
        300_000,
        [new AccessedAccount(Address.Parse(One), 0, 1, 0, 1)],
        [new AccessedSlot(5, 0, 1)],
        [new AccountUse(1, AccountAccess.CodeRead)],
        [new SlotUse(1, true, hasValue ? 0 : SlotUse.NotStated)],
        hasValue ? [7] : []);

    private static FragAccessList Large(Random random)
    {
        var editor = new ListEditor(Small(hasValue: true)) { TransactionCount = 300 };
        editor.Accounts.Clear();
        for (int i = 1; i < 6; i++)
        {
            var account = new AccountDraft(Address.FromUInt256((ulong)i), [], []);
            for (int t = random.Next(3); t < 300; t += random.Next(1, 80))
                account.Uses.Add(new AccountUse(t, (AccountAccess)(random.Next(16) | 0x14)));
            for (int s = 0; s < 3; s++)
            {
                var slot = new SlotDraft((ulong)(s * 1000), []);
                foreach (AccountUse use in account.Uses)
                {
                    bool isWrite = random.Next(2) == 0;
                    UInt256? value = isWrite && s == 1 ? (UInt256)(ulong)random.Next() : null;
                    slot.Uses.Add(new UseDraft(new SlotUse(use.Transaction, isWrite, SlotUse.NotStated), value));
                }

                account.Slots.Add(slot);
            }

            editor.Accounts.Add(account);
        }

        return editor.Build();
    }
}
