using System.Buffers.Binary;
using System.Text;

namespace SpanRnn.Formats.Files;

/// <summary>A kind of file, told by its first bytes, for messages about files that are given by mistake.</summary>
/// <param name="Name">What the file is, such as "a WAV recording".</param>
/// <param name="AsModel">What is expected of somebody who gives it as a model.</param>
internal sealed record FileKind(string Name, string AsModel)
{
    /// <summary>The formats that are read, for messages that expect a model.</summary>
    public const string AnyModel = "a model as safetensors, ONNX, or JSON of RTNeural, AIDA-X or NAM";
    private const string FromTorch = "its state_dict as safetensors, which safetensors.torch.save_file(model.state_dict(), path) writes";
    private const string FromKeras = "the model as safetensors, which the lines of Python in docs/formats.md write";
    private const int ZipNameLength = 26;
    private const int ZipName = 30;

    /// <summary>Finds the kind of a file that is neither a model nor an array; null for any other file.</summary>
    /// <param name="head">The first bytes of the file.</param>
    public static FileKind? Find(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK"u8))
        {
            return Archive(head);
        }

        // A pickle begins with its protocol. Long before 2020, torch.save wrote nothing but pickles.
        if (head is [0x80, >= 2 and <= 5, ..])
        {
            return new("a pickle, as torch.save wrote until 2020", FromTorch);
        }

        if (Has(head, 0, "version https://git-lfs"u8))
        {
            return new("a pointer of Git LFS", "the file that it points to, which git lfs pull fetches");
        }

        if (head is [0x89, (byte)'H', (byte)'D', (byte)'F', ..])
        {
            return new("HDF5, as Keras writes .h5", FromKeras);
        }

        string? other = head is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] ? "an array of NumPy"
            : Has(head, 0, "RIFF"u8) && Has(head, 8, "WAVE"u8) ? "a WAV recording"
            : Has(head, 0, "RF64"u8) ? "a WAV recording"
            : Has(head, 0, "FORM"u8) && (Has(head, 8, "AIFF"u8) || Has(head, 8, "AIFC"u8)) ? "an AIFF recording"
            : Has(head, 0, "fLaC"u8) ? "a FLAC recording"
            : Has(head, 0, "OggS"u8) ? "an Ogg recording"
            : Has(head, 0, "ID3"u8) ? "an MP3 recording"
            : Has(head, 4, "TFL3"u8) ? "a model of TensorFlow Lite"
            : Has(head, 0, "GGUF"u8) ? "a GGUF model"
            : head is [0x1F, 0x8B, ..] ? "compressed with gzip"
            : head is [0x28, 0xB5, 0x2F, 0xFD, ..] ? "compressed with zstd"
            : Has(head, 0, "MATLAB "u8) ? "a MATLAB file"
            : head is [0x89, (byte)'P', (byte)'N', (byte)'G', ..] ? "a picture"
            : Has(head, 0, "<!DOCTYPE"u8) || Has(head, 0, "<!doctype"u8) || Has(head, 0, "<html"u8) ? "a page of HTML"
            : null;
        return other is null ? null : new(other, AnyModel);
    }

    private static bool Has(ReadOnlySpan<byte> head, int start, ReadOnlySpan<byte> mark) =>
        head.Length >= start && head[start..].StartsWith(mark);

    // The first entry of an archive tells who wrote it: data.pkl comes first in torch.save, metadata.json or config.json in Keras.
    private static FileKind Archive(ReadOnlySpan<byte> head)
    {
        int length = head.Length >= ZipName ? BinaryPrimitives.ReadUInt16LittleEndian(head[ZipNameLength..]) : 0;
        string entry = head.Length >= ZipName + length ? Encoding.UTF8.GetString(head.Slice(ZipName, length)) : string.Empty;
        return entry.EndsWith("data.pkl", StringComparison.Ordinal) || entry.Contains(".data/", StringComparison.Ordinal)
            ? new("a zip archive with a pickle, as torch.save writes", FromTorch)
            : entry is "metadata.json" or "config.json" or "model.weights.h5" ? new("a zip archive, as Keras writes .keras", FromKeras)
            : entry.EndsWith(".npy", StringComparison.Ordinal) ? new("a zip archive of arrays, as numpy.savez writes", AnyModel)
            : new("a zip archive", AnyModel);
    }
}
