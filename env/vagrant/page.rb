# The last lines of `vagrant up`: JupyterLab has answered through the forwarded port, and this is its address.

require "net/http"

module Tcplab
  # The page, as the learner's browser will ask for it.
  class Page
    def initialize(env, machine, settings)
      @env, @machine, @settings = env, machine, settings
    end

    def show
      return unless @machine.state.id == :running

      token = ask("sudo cat /etc/tcplab/token")
      return if token.empty? # not provisioned yet

      said = answered ? "JupyterLab:" : "JupyterLab does not answer yet (vagrant ssh -c 'journalctl -u tcplab'):"
      @env.ui.success("\n#{said}\n\n    http://127.0.0.1:#{@settings.port}/lab?token=#{token}\n")
    end

    private

    def ask(command)
      answer = +""
      @machine.communicate.execute(command, error_check: false) { |kind, data| answer << data if kind == :stdout }
      answer.strip
    end

    def answered
      deadline = Time.now + @settings.patience_s
      address = URI("http://127.0.0.1:#{@settings.port}/api")
      until Time.now > deadline
        begin
          return true if Net::HTTP.start(address.host, address.port, nil, read_timeout: 60) do |http|
            http.get(address.path).is_a?(Net::HTTPOK)
          end
        rescue SystemCallError, IOError, Timeout::Error
          sleep 1 # not listening yet
        end
      end
      false
    end
  end
end
