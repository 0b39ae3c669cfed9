using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fragcast.Tidy;

/// <summary>Size and words of the source: what a reader's screen and patience can take.</summary>
public sealed class SourceShapeTests
{
    private const int FileLinesMax = 600;
    private const int MethodLinesMax = 70;
    private const int ColumnsMax = 120;

    [Fact]
    public void Files_EndAt600Lines() => Repository.AssertNone(
        $"A file has one subject and at most {FileLinesMax} lines",
        from file in Repository.CSharpFiles
        let lines = Repository.ReadLines(file).Length
        where lines > FileLinesMax
        select $"{file}: {lines} lines");

    [Fact]
    public void Lines_EndAtColumn120() => Repository.AssertNone(
        $"A line has at most {ColumnsMax} columns",
        from file in Repository.CSharpFiles
        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
        where line.text.Length > ColumnsMax
        select $"{file}:{line.number}: {line.text.Length} columns");

    [Fact]
    public void Methods_FitAScreen() => Repository.AssertNone(
        $"A method has at most {MethodLinesMax} lines (a table of opcodes or a benchmark list says why above it)",
        from file in Repository.CSharpFiles
        from member in CSharpSyntaxTree.ParseText(Repository.Read(file)).GetRoot().DescendantNodes()
        where member is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
        let span = member.SyntaxTree.GetLineSpan(member.Span)
        let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
        where lines > MethodLinesMax && !SaysWhyItIsLong(member)
        select $"{file}:{span.StartLinePosition.Line + 1}: {lines} lines");

    [Fact]
    public void Code_HasNoUnfinishedParts() => Repository.AssertNone(
        "A TODO has its reason in brackets, and nothing is left unimplemented",
        from file in Repository.CSharpFiles
        where file != "tests/Tidy/SourceShapeTests.cs"
        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
        where Regex.IsMatch(line.text, @"NotImplementedException|\b(FIXME|HACK|XXX)\b|\bTODO\b(?!\s*\()")
        select $"{file}:{line.number}: {line.text.Trim()}");

    [Fact]
    public void Exceptions_HaveATypeOfTheirOwn() => Repository.AssertNone(
        "throw new Exception(…) tells a caller nothing it could catch",
        from file in Repository.CSharpFiles
        where !file.StartsWith("tests/", StringComparison.Ordinal)
        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
        where Regex.IsMatch(line.text, @"throw new (System\.)?Exception\(")
        select $"{file}:{line.number}");

    [Fact]
    public void Suppressions_SayWhy() => Repository.AssertNone(
        "A suppressed rule has its reason beside it",
        from file in Repository.CSharpFiles
        where file != "tests/Tidy/SourceShapeTests.cs"
        let lines = Repository.ReadLines(file)
        from index in Enumerable.Range(0, lines.Length)
        let line = lines[index]
        let pragma = line.Contains("#pragma warning disable", StringComparison.Ordinal)
        let attribute = line.Contains("[SuppressMessage", StringComparison.Ordinal)
            || line.Contains("[UnconditionalSuppressMessage", StringComparison.Ordinal)
        where (pragma && !line.Contains("//", StringComparison.Ordinal))
            || (attribute && !string.Concat(lines.Skip(index).Take(4))
                .Contains("Justification", StringComparison.Ordinal))
        select $"{file}:{index + 1}: {line.Trim()}");

    [Fact]
    public void PaddedTypes_UseTheOneConstant() => Repository.AssertNone(
        "Cache-line padding is written with CacheLine.Size, never as a number",
        from file in Repository.CSharpFiles
        where file.StartsWith("Transport/", StringComparison.Ordinal)
        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
        where Regex.IsMatch(line.text, @"(Size\s*=\s*|FieldOffset\()(64|128|192|256)\b")
        select $"{file}:{line.number}: {line.text.Trim()}");

    private static bool SaysWhyItIsLong(SyntaxNode member) =>
        member.GetLeadingTrivia().ToFullString().Contains("// Long because", StringComparison.Ordinal);
}
