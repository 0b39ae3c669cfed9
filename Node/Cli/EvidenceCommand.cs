using System.CommandLine;
using System.Text.Json;
using Fragcast.Gossip.Evidence;
using Fragcast.Primitives;

namespace Fragcast.Node.Cli;

/// <summary>fragcast evidence: what leaders signed twice, as nodes with --evidence keep it.</summary>
internal static class EvidenceCommand
{
    /// <summary>Makes the command with its four parts.</summary>
    public static Command Create()
    {
        var command = new Command("evidence", "Show, check and export proof that a leader signed two different things")
        {
            CreateList(),
            CreateOfFile("show", "Print one evidence in full", Show),
            CreateOfFile("verify", "Check one evidence by itself; who is the block's leader is not looked up", Verify),
            CreateExport(),
        };
        return command;
    }

    private static Command CreateList()
    {
        Argument<string> folder = NewFolder();
        var command = new Command("list", "Print a line for each evidence of a folder") { folder };
        command.SetAction(parsed => List(parsed.GetValue(folder)!));
        return command;
    }

    private static Command CreateOfFile(string name, string description, Func<string, int> run)
    {
        var file = new Argument<string>("FILE") { Description = "An evidence file" };
        var command = new Command(name, description) { file };
        command.SetAction(parsed => run(parsed.GetValue(file)!));
        return command;
    }

    private static Command CreateExport()
    {
        Argument<string> folder = NewFolder();
        var command = new Command("export", "Print all evidence of a folder as JSON") { folder };
        command.SetAction(parsed => Export(parsed.GetValue(folder)!));
        return command;
    }

    private static Argument<string> NewFolder() =>
        new("FOLDER") { Description = "The folder that the node was given with --evidence" };

    private static int List(string folder)
    {
        IReadOnlyList<EvidenceRecord> all = EvidenceFolder.ReadAll(folder);
        foreach (EvidenceRecord evidence in all)
        {
            Console.Out.WriteLine(
                $"{evidence.Id} leader {evidence.Leader} block {evidence.Block} attempt {evidence.Attempt} "
                + $"{evidence.Kind} {evidence.FirstSequence} {evidence.Form}");
        }

        Console.Out.WriteLine($"{all.Count} in all");
        return CommandLine.ExitSuccess;
    }

    private static int Show(string file)
    {
        EvidenceRecord evidence = EvidenceFolder.Read(file);
        Console.Out.WriteLine($"id        {evidence.Id}");
        Console.Out.WriteLine($"leader    {evidence.Leader}");
        Console.Out.WriteLine($"form      {evidence.Form}: {Meaning(evidence.Form)}");
        Console.Out.WriteLine($"network   {evidence.NetworkId:x16}");
        Console.Out.WriteLine($"block     {evidence.Block}, attempt {evidence.Attempt}, epoch {evidence.Epoch}");
        Console.Out.WriteLine(
            $"place     {evidence.Kind} {evidence.FirstSequence} and {evidence.SecondSequence}, "
            + $"segment {evidence.Segment}");
        for (int side = 0; side < 2; side++)
        {
            Hash256 digest = side == 0 ? evidence.FirstDigest : evidence.SecondDigest;
            Console.Out.WriteLine($"digest    {digest}");
            Console.Out.WriteLine($"signature {Hex.Encode(evidence.Signature(side))}");
            Console.Out.WriteLine($"body      {Hex.Encode(evidence.Body(side))}");
        }

        return CommandLine.ExitSuccess;
    }

    private static int Verify(string file)
    {
        EvidenceRecord evidence = EvidenceFolder.Read(file);
        Console.Out.WriteLine(
            $"proven: {evidence.Leader} signed two different {evidence.Kind} for block {evidence.Block}, "
            + $"attempt {evidence.Attempt} ({Meaning(evidence.Form)})");
        return CommandLine.ExitSuccess;
    }

    private static int Export(string folder)
    {
        IReadOnlyList<EvidenceRecord> all = EvidenceFolder.ReadAll(folder);
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (EvidenceRecord evidence in all)
            {
                Write(json, evidence);
            }

            json.WriteEndArray();
        }

        output.Write("\n"u8);
        return CommandLine.ExitSuccess;
    }

    private static void Write(Utf8JsonWriter json, EvidenceRecord evidence)
    {
        json.WriteStartObject();
        json.WriteString("id", evidence.Id.ToString());
        json.WriteString("form", evidence.Form.ToString());
        json.WriteString("leader", evidence.Leader.ToString());
        json.WriteString("networkId", evidence.NetworkId.ToString("x16"));
        json.WriteNumber("epoch", evidence.Epoch);
        json.WriteNumber("block", evidence.Block);
        json.WriteNumber("attempt", evidence.Attempt);
        json.WriteString("kind", evidence.Kind.ToString());
        json.WriteNumber("segment", evidence.Segment);
        json.WriteStartArray("signed");
        for (int side = 0; side < 2; side++)
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", side == 0 ? evidence.FirstSequence : evidence.SecondSequence);
            json.WriteString("digest", (side == 0 ? evidence.FirstDigest : evidence.SecondDigest).ToString());
            json.WriteString("signature", Hex.Encode(evidence.Signature(side)));
            json.WriteString("body", Hex.Encode(evidence.Body(side)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("bytes", Hex.Encode(evidence.Bytes));
        json.WriteEndObject();
    }

    private static string Meaning(EvidenceForm form) => form == EvidenceForm.Chunks
        ? "network, epoch and place are signed"
        : "block, place and attempt are signed; network and epoch are not";
}
