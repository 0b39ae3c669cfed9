namespace Fragcast.Transport.Rings;

/// <summary>
/// A producer asked for a slot of a ring that is closed: by its owner, or because a consumer ended or failed. Nothing
/// was claimed. It is the expected end of a producer; <see cref="Stage"/> takes it as an orderly stop.
/// </summary>
public sealed class RingClosedException : InvalidOperationException
{
    /// <summary>Creates the exception with its standard message.</summary>
    public RingClosedException()
        : base("The ring is closed: no more slots can be claimed.")
    {
    }

    /// <summary>Creates the exception with a message of the caller.</summary>
    public RingClosedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public RingClosedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
