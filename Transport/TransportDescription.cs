namespace Fragcast.Transport;

/// <summary>What an endpoint runs on, for logs and reports.</summary>
/// <param name="Engine">"ngtcp2" or "System.Net.Quic".</param>
/// <param name="Libraries">Versions, for example "ngtcp2 1.11.0, GnuTLS 3.7.9".</param>
/// <param name="InputOutput">How datagrams pass to and from the kernel.</param>
/// <param name="Choice">Why this engine.</param>
public sealed record TransportDescription(string Engine, string Libraries, string InputOutput, string Choice)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Engine} ({Libraries}; {InputOutput}; {Choice})";
}
