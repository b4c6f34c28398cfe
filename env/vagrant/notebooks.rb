# The learner's notebooks come back: out of the machine through ssh, into my-labs/ of this folder, the newer one wins.
#
# Ruby alone unpacks them, so that it is the same on Windows, and whatever way the folder is shared.

require "fileutils"
require "rubygems/package"
require "tempfile"

module Tcplab
  # One learner's notebooks, in the machine and here.
  class Notebooks
    THERE = "/home/vagrant/my-labs".freeze
    HERE = File.join(Settings::ROOT, "my-labs")

    def initialize(env, machine)
      @env, @machine = env, machine
    end

    # Fetch what is newer there; what cannot be written here is an obstacle only to who is about to remove it there.
    def fetch(needed: false)
      return unless @machine.state.id == :running && @machine.communicate.ready?
      return unless @machine.communicate.test("test -d #{THERE}")

      count = packed { |file| File.open(file, "rb") { |tar| unpack(tar) } }
      @env.ui.info("Notebooks newer than yours: #{count}, now in #{HERE}") if count.positive?
    rescue SystemCallError => error
      said = "Your notebooks could not be written to #{HERE} (#{error.message}). They are still in the machine. Mend " \
             "that, or fetch them yourself: vagrant ssh -c 'tar -C my-labs -c .' > notebooks.tar"
      raise BadSetting, "#{said}\nRemove the machine all the same: vagrant halt --force; vagrant destroy" if needed

      @env.ui.warn(said)
    end

    private

    def packed
      file = Tempfile.new("my-labs")
      file.close
      @machine.communicate.execute("tar -C #{THERE} --exclude=.ipynb_checkpoints -cf /tmp/my-labs.tar .")
      @machine.communicate.download("/tmp/my-labs.tar", file.path)
      @machine.communicate.execute("rm -f /tmp/my-labs.tar")
      yield file.path
    ensure
      file&.unlink
    end

    def unpack(tar)
      Gem::Package::TarReader.new(tar).count do |entry|
        path = File.expand_path(entry.full_name, HERE)
        next unless entry.file? && path.start_with?("#{HERE}/") && newer?(path, entry.header.mtime)

        FileUtils.mkdir_p(File.dirname(path))
        File.binwrite(path, entry.read.to_s)
        File.utime(entry.header.mtime, entry.header.mtime, path)
        true
      end
    end

    def newer?(path, mtime)
      !File.exist?(path) || File.mtime(path).to_i < mtime
    end
  end
end
