using Fragcast.Node.Cli;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node.Schedules;

/// <summary>
/// A schedule in a file that is looked at again and again. An edit that is no schedule is said in one line and the one
/// before holds. A file that was not there long enough to be looked at twice unchanged is not read, so that nothing
/// half written is.
/// </summary>
internal sealed class FileSource : IDisposable
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan PollIntervalDefault = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly TimeSpan _pollInterval;
    private readonly Watcher _watcher;
    private byte[] _text;
    private (DateTime, long) _read;
    private (DateTime, long) _seen;
    private bool _isMissing;

    /// <summary>Reads the file and starts to watch it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pollInterval">Time between two looks.</param>
    /// <param name="logger">For a line at each edit.</param>
    /// <exception cref="OperatorException">It cannot be read.</exception>
    /// <exception cref="ScheduleException">It is no schedule.</exception>
    public FileSource(string path, TimeSpan pollInterval, ILogger logger)
    {
        _path = path;
        _logger = logger;
        _pollInterval = pollInterval;
        try
        {
            _seen = _read = Look();
            _text = ReadText();
            Schedule = new LiveSchedule(ScheduleJson.Parse(_text));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{path}: the schedule cannot be read: {error.Message}");
        }
        catch (ScheduleException error)
        {
            throw new ScheduleException($"{path}: {error.Message}");
        }

        _watcher = new Watcher("schedule-file", _ => Watch());
    }

    /// <summary>What the file said when it last was good.</summary>
    public LiveSchedule Schedule { get; }

    /// <inheritdoc/>
    public void Dispose() => _watcher.Dispose();

    private TimeSpan Watch()
    {
        try
        {
            (DateTime, long) now = Look();
            if (now == _seen && now != _read)
            {
                byte[] text = ReadText();
                _read = now;
                if (!text.AsSpan().SequenceEqual(_text))
                {
                    _text = text;
                    Schedule.Replace(ScheduleJson.Parse(text));
                    _logger.LogInformation("{File}: read anew", _path);
                }
            }

            _seen = now;
            _isMissing = false;
        }
        catch (ScheduleException error)
        {
            _logger.LogWarning("{File}: {Problem}; the schedule before holds", _path, error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_isMissing)
            {
                _isMissing = true;
                _logger.LogWarning(
                    "{File}: the schedule cannot be read: {Problem}; the one before holds", _path,
                    error.Message.ReplaceLineEndings(" "));
            }
        }

        return _pollInterval;
    }

    private (DateTime, long) Look()
    {
        var file = new FileInfo(_path);
        return (file.LastWriteTimeUtc, file.Length);
    }

    private byte[] ReadText()
    {
        using FileStream file = File.OpenRead(_path);
        if (file.Length > ScheduleJson.LengthMax)
        {
            throw new ScheduleException($"the schedule is longer than {ScheduleJson.LengthMax} bytes");
        }

        byte[] text = new byte[file.Length];
        file.ReadExactly(text);
        return text;
    }
}
