namespace Fragcast.Schedule;

/// <summary>A schedule that an operator gave cannot be used; the message says why in one line.</summary>
public sealed class ScheduleException(string message) : Exception(message);
