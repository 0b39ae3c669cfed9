using System.Globalization;
using System.Text.Json;
using Fragcast.Primitives;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A value of a fixture together with where it stands, so that whatever is wrong with it can be said in one line.
/// Numbers are accepted as JSON numbers and as 0x-hex.
/// </summary>
internal readonly struct JsonField
{
    private readonly string _file;
    private readonly string _path;
    private readonly JsonElement _value;

    /// <summary>The top of a file.</summary>
    public JsonField(string file, JsonElement value)
        : this(file, "", value) { }

    private JsonField(string file, string path, JsonElement value) => (_file, _path, _value) = (file, path, value);

    /// <summary>Whether it stands as null.</summary>
    public bool IsNull => _value.ValueKind == JsonValueKind.Null;

    /// <summary>Whether it is a string.</summary>
    public bool IsText => _value.ValueKind == JsonValueKind.String;

    /// <summary>A field that has to be there.</summary>
    public JsonField this[string name] => Optional(name) ?? throw Wrong($"\"{name}\" is missing", atParent: true);

    /// <summary>A field, or nothing when it is absent or null.</summary>
    public JsonField? Optional(string name)
    {
        if (_value.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        if (!_value.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        return new JsonField(_file, Below(name), value);
    }

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonField> Elements()
    {
        if (_value.ValueKind != JsonValueKind.Array) throw Wrong("is not an array");
        int index = 0;
        foreach (JsonElement element in _value.EnumerateArray())
            yield return new JsonField(_file, $"{_path}[{index++}]", element);
    }

    /// <summary>Names and values of an object.</summary>
    public IEnumerable<(string Name, JsonField Value)> Fields()
    {
        if (_value.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        foreach (JsonProperty property in _value.EnumerateObject())
        {
            string name = NameOf(property);
            yield return (name, new JsonField(_file, Below(name), property.Value));
        }
    }

    /// <summary>A string.</summary>
    public string AsText()
    {
        if (_value.ValueKind != JsonValueKind.String) throw Wrong("is not a string");
        try
        {
            return _value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("is not text in UTF-8");
        }
    }

    /// <summary>32 bytes.</summary>
    public Hash256 AsHash() =>
        Hash256.TryParse(AsText(), out Hash256 hash) ? hash : throw Wrong("is not 32 bytes of hex");

    /// <summary>20 bytes.</summary>
    public Address AsAddress() =>
        Address.TryParse(AsText(), out Address address) ? address : throw Wrong("is not 20 bytes of hex");

    /// <summary>Bytes of any number.</summary>
    public byte[] AsBytes() => Hex.TryDecode(AsText(), out byte[]? bytes) ? bytes : throw Wrong("is not bytes in hex");

    /// <summary>A number of at most 64 bits.</summary>
    public ulong AsUInt64()
    {
        if (_value.ValueKind == JsonValueKind.Number && _value.TryGetUInt64(out ulong number)) return number;
        UInt256 value = AsUInt256();
        return value.FitsUInt64 ? value.U0 : throw Wrong("has more than 64 bits");
    }

    /// <summary>A number of at most 32 bits.</summary>
    public uint AsUInt32()
    {
        ulong value = AsUInt64();
        return value <= uint.MaxValue ? (uint)value : throw Wrong("has more than 32 bits");
    }

    /// <summary>A number of at most 256 bits.</summary>
    public UInt256 AsUInt256()
    {
        string text = _value.ValueKind == JsonValueKind.Number ? _value.GetRawText() : AsText();
        return UInt256.TryParse(text, out UInt256 value) ? value : throw Wrong("is not a number");
    }

    /// <summary>True or false, the latter also when it stands as null.</summary>
    public bool AsBool() => _value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("is not true or false"),
    };

    /// <summary>An exception that says where, and what is wrong.</summary>
    public FixtureException Wrong(string problem) => Wrong(problem, atParent: false);

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("has a name that is not text in UTF-8");
        }
    }

    private string Below(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private FixtureException Wrong(string problem, bool atParent)
    {
        string place = _path.Length == 0 ? "" : atParent ? $"in {_path}, " : $"{_path} ";
        return new FixtureException(_file, string.Create(CultureInfo.InvariantCulture, $"{place}{problem}"));
    }
}
